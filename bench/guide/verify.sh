# What the guide checks at the end; the instance itself is checked from the machine that hosts the nodes.
openstack compute service list -f value -c Binary -c State | grep -v up && exit 1
openstack network agent list -f value -c Alive | grep -v True && exit 1
openstack volume service list -f value -c State | grep -v up && exit 1
openstack server show test -f value -c addresses | grep -oE '[0-9]+(\.[0-9]+){3}'

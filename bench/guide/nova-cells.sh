# On the controller, after the compute services are up.
seen() { [ "$(openstack compute service list --service nova-compute -f value -c State | grep -c up)" -ge "$COMPUTES" ]; }
until_true 120 seen
as nova nova-manage cell_v2 discover_hosts

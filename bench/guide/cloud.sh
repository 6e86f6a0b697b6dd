agents() { [ "$(openstack network agent list -f value -c Alive | grep -c True)" -ge $((COMPUTES + 3)) ]; }
until_true 180 agents
openstack image create --disk-format qcow2 --container-format bare --public --file /root/test.qcow2 test >/dev/null
openstack flavor create --id 0 --vcpus 1 --ram "$FLAVOR_RAM" --disk 1 m1.nano >/dev/null
openstack network create --share --external --provider-physical-network provider --provider-network-type flat \
  provider >/dev/null
openstack subnet create --network provider --allocation-pool "start=$POOL_START,end=$POOL_END" \
  --gateway "$GATEWAY" --subnet-range "$PROVIDER" provider >/dev/null
[ -e /root/.ssh/id_rsa ] || ssh-keygen -q -N '' -f /root/.ssh/id_rsa
openstack keypair create --public-key /root/.ssh/id_rsa.pub mykey >/dev/null
group=$(openstack security group list --project admin -f value -c ID)
openstack security group rule create --proto icmp "$group" >/dev/null
openstack security group rule create --proto tcp --dst-port 22 "$group" >/dev/null
openstack server create --flavor m1.nano --image test --network provider --security-group "$group" \
  --key-name mykey test >/dev/null
status() { [ "$(openstack "$1" show "$2" -f value -c status)" = "$3" ]; }
openstack volume create --size 1 volume1 >/dev/null
until_true 120 status volume volume1 available
until_true 300 status server test ACTIVE
openstack server add volume test volume1 >/dev/null
until_true 120 status volume volume1 in-use

# nova_keys ADDRESS: what nova.conf contains on every node.
nova_keys() {
  F=/etc/nova/nova.conf
  set_keys $F DEFAULT "transport_url=rabbit://openstack:$PASS@controller:5672/" "my_ip=$1"
  set_keys $F api auth_strategy=keystone
  authtoken $F nova
  set_keys $F service_user send_service_user_token=true
  credentials $F service_user nova
  credentials $F placement placement
  credentials $F neutron neutron
  set_keys $F glance api_servers=http://controller:9292
  set_keys $F cinder os_region_name=RegionOne
  set_keys $F oslo_concurrency lock_path=/var/lib/nova/tmp
  set_keys $F spice enabled=false
  set_keys $F vnc enabled=true
}

# neutron_keys: what neutron.conf and the Linuxbridge agent's file contain on every node.
neutron_keys() {
  N=/etc/neutron/neutron.conf
  set_keys $N DEFAULT "transport_url=rabbit://openstack:$PASS@controller:5672/" auth_strategy=keystone core_plugin=ml2 \
    service_plugins= interface_driver=linuxbridge
  set_keys $N experimental linuxbridge=true
  authtoken $N neutron
  set_keys $N oslo_concurrency lock_path=/var/lib/neutron/tmp
  F=/etc/neutron/plugins/ml2/linuxbridge_agent.ini
  set_keys $F linux_bridge physical_interface_mappings=provider:eth1
  set_keys $F vxlan enable_vxlan=false
  set_keys $F securitygroup enable_security_group=true firewall_driver=iptables
}

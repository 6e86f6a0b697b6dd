break_it() {
  on compute1 'ip link add br9 type bridge; ip link set br9 up'
  edit compute1 /etc/neutron/plugins/ml2/linuxbridge_agent.ini 's/provider:eth1/provider:br9/' neutron-linuxbridge-agent
}
undo() { restore compute1 /etc/neutron/plugins/ml2/linuxbridge_agent.ini neutron-linuxbridge-agent; on compute1 'ip link del br9'; }

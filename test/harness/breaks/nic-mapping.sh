break_it() { edit compute1 /etc/neutron/plugins/ml2/linuxbridge_agent.ini 's/provider:eth1/provider:eth9/' neutron-linuxbridge-agent; }
undo() { restore compute1 /etc/neutron/plugins/ml2/linuxbridge_agent.ini neutron-linuxbridge-agent; }

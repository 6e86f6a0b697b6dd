break_it() { edit controller /etc/neutron/dhcp_agent.ini 's/^enable_isolated_metadata = .*/enable_isolated_metadata = false/' neutron-dhcp-agent; }
undo() { restore controller /etc/neutron/dhcp_agent.ini neutron-dhcp-agent; }

break_it() { edit compute1 /etc/neutron/neutron.conf 's/^linuxbridge = .*/linuxbridge = false/' neutron-linuxbridge-agent; sleep 3; }
undo() { restore compute1 /etc/neutron/neutron.conf neutron-linuxbridge-agent; }

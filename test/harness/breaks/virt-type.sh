break_it() { edit compute1 /etc/nova/nova-compute.conf 's/^virt_type = .*/virt_type = kvm/' nova-compute; }
undo() { restore compute1 /etc/nova/nova-compute.conf nova-compute; }

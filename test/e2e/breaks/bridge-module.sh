# As after a restart of this machine: nothing has loaded the module. Only where the kernel has it as one.
break_it() { modprobe -r br_netfilter; }
undo() { modprobe br_netfilter; on compute1 'sysctl -q -p /etc/sysctl.d/60-duostack.conf'; }

break_it() { on compute1 'ip link set eth1 mtu 1400'; }
undo() { on compute1 'ip link set eth1 mtu 1500'; }

break_it() { on compute1 'ip link set eth1 down'; }
undo() { on compute1 'ip link set eth1 up'; }

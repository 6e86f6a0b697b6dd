break_it() { on compute1 'ip link set "$(ls /sys/class/net | grep -m 1 ^vxlan-)" mtu 1400'; }
undo() { on compute1 'ip link set "$(ls /sys/class/net | grep -m 1 ^vxlan-)" mtu 1450'; }

break_it() { on compute1 'ip link set "$(ls /sys/class/net | grep -m 1 ^tap)" nomaster'; }

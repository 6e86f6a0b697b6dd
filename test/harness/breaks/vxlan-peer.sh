# As after a lost l2population message.
break_it() { on compute1 'bridge fdb del 00:00:00:00:00:00 dev "$(ls /sys/class/net | grep -m 1 ^vxlan-)" dst 10.0.0.11'; }

# A filter on the compute node drops everything sent to the instance.
rule='FORWARD -m physdev --physdev-is-bridged --physdev-out "$(ls /sys/class/net | grep -m 1 ^tap)" -p icmp -j DROP'
break_it() { on compute1 "iptables -I $rule"; }
undo() { on compute1 "iptables -D $rule"; }

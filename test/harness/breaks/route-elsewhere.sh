# Another route takes the traffic to the instances' addresses.
break_it() { inside ip route add 203.0.113.96/27 dev "$management"; }
undo() { inside ip route del 203.0.113.96/27 dev "$management"; }

# A route of somebody else's takes the addresses of the instances.
break_it() { inside ip route add 203.0.113.96/27 dev "$management"; }
undo() { inside ip route del 203.0.113.96/27 dev "$management"; }

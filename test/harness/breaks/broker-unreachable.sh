# A filter on the compute node drops everything sent to the broker.
break_it() { on compute1 'iptables -I OUTPUT -p tcp --dport 5672 -j REJECT'; }
undo() { on compute1 'iptables -D OUTPUT -p tcp --dport 5672 -j REJECT'; }

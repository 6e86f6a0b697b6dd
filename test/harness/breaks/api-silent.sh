break_it() { on controller 'iptables -I INPUT -i eth0 -p tcp --dport 9292 -j REJECT'; }
undo() { on controller 'iptables -D INPUT -i eth0 -p tcp --dport 9292 -j REJECT'; }

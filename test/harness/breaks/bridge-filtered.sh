# A firewall on this machine that filters bridged frames and drops those of the provider network.
rule="-i $provider -o $provider -j DROP"
break_it() { inside iptables -w -I FORWARD $rule; }
undo() { inside iptables -w -D FORWARD $rule; inside iptables -w -D FORWARD -i "$provider" -o "$provider" -m comment --comment "duostack-$id" -j ACCEPT; }

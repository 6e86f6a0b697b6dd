# This machine loses its address on the provider network.
address=$(sed -n '/^lab_provider_network:/,/^[^ #]/s/^  host_address: *//p' "$lab/ansible-vars/group_vars/all.yml")
break_it() { inside ip address del "$address/24" dev "$provider"; }
undo() { inside ip address add "$address/24" dev "$provider"; }

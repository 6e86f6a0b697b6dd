break_it() { on compute1 'chown root:root /var/lib/nova/instances'; }
undo() { on compute1 'chown nova:nova /var/lib/nova/instances'; }

# The broker is told to require more free disk than there is, and blocks publishers.
break_it() { on controller 'rabbitmqctl -q set_disk_free_limit 9000GB </dev/null; sleep 1'; }
undo() { on controller 'rabbitmqctl -q set_disk_free_limit 50MB </dev/null; sleep 1'; }

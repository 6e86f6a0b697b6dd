# The broker's own database stops, as when it cannot be written; the broker still listens.
break_it() { on controller "rabbitmqctl -q eval 'mnesia:stop().' </dev/null"; }
undo() { on controller 'systemctl restart rabbitmq-server'; }

# The broker's own database ends, as when it cannot be written; the broker goes on to listen.
break_it() { on controller "rabbitmqctl -q eval 'mnesia:stop().' </dev/null"; }
undo() { on controller 'systemctl restart rabbitmq-server'; }

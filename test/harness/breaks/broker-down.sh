break_it() { on controller 'systemctl stop rabbitmq-server'; }
undo() { on controller 'systemctl start rabbitmq-server'; }

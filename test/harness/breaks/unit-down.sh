break_it() { on controller 'systemctl stop nova-scheduler'; }
undo() { on controller 'systemctl start nova-scheduler'; }

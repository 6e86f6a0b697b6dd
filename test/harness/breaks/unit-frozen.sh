break_it() { on controller 'systemctl kill -s STOP --kill-who=main placement-api'; }
undo() { on controller 'systemctl kill -s CONT --kill-who=main placement-api'; }

break_it() { on controller 'systemctl stop mariadb'; }
undo() { on controller 'systemctl start mariadb'; }

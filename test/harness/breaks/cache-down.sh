break_it() { on controller 'systemctl stop memcached'; }
undo() { on controller 'systemctl start memcached'; }

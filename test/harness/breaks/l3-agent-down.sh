break_it() { on controller 'systemctl stop neutron-l3-agent'; }
undo() { on controller 'systemctl start neutron-l3-agent'; }

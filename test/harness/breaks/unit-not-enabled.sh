break_it() { on controller 'systemctl disable --quiet glance-api 2>/dev/null'; }
undo() { on controller 'systemctl enable --quiet glance-api 2>/dev/null'; }

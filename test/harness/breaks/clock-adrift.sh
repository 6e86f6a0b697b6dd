break_it() { on compute1 'systemctl stop chrony'; }
undo() { on compute1 'systemctl start chrony'; }

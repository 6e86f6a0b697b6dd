# The instance is suspended without Nova, which still calls it ACTIVE.
break_it() { on compute1 'virsh -q suspend "$(virsh -q list --name | head -n 1)"'; }
undo() { on compute1 'virsh -q resume "$(virsh -q list --state-paused --name | head -n 1)"'; }

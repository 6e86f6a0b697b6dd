# As after a sleep of this machine. chrony would not step it by itself after its first three measurements.
break_it() { on compute1 'date -s "10 minutes ago"'; }
undo() { on compute1 'date -s "10 minutes"'; }

# As after this machine slept. chrony does not step the clock by itself after its first three measurements.
break_it() { on compute1 'date -s "10 minutes ago"'; }
undo() { on compute1 'date -s "10 minutes"'; }

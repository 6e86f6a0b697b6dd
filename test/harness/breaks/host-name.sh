# The compute node gets another host name.
break_it() { on compute1 'hostname elsewhere'; }
undo() { on compute1 'hostname compute1'; }

# The compute node is paused.
break_it() { inside virsh -q -c "$libvirt" suspend "$domain"; }
undo() { inside virsh -q -c "$libvirt" resume "$domain"; }

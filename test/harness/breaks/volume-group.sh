# LVM is told not to see the disk.
break_it() { edit controller /etc/lvm/lvmlocal.conf 's/"a|[^"]*|", //'; }
undo() { restore controller /etc/lvm/lvmlocal.conf; }

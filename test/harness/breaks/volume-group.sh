# LVM is told to ignore the disk.
break_it() { edit controller /etc/lvm/lvmlocal.conf 's/"a|[^"]*|", //'; }
undo() { restore controller /etc/lvm/lvmlocal.conf; }

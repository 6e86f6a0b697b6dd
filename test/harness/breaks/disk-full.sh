# The folder for images is a small, full file system.
break_it() { on controller 'mount -t tmpfs -o size=1m tmpfs /var/lib/glance/images; dd if=/dev/zero of=/var/lib/glance/images/full bs=64k 2>/dev/null || true'; }
undo() { on controller 'umount /var/lib/glance/images'; }

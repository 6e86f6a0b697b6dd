break_it() { on controller 'mv /usr/sbin/mount.nfs /root/mount.nfs'; }
undo() { on controller 'mv /root/mount.nfs /usr/sbin/mount.nfs'; }

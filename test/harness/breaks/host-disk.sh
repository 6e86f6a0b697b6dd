# The lab's folder is read-only for this machine's own programs; the nodes already have their mounts and do not notice.
data=/var/lib/duostack/$id
break_it() { mountpoint -q "$data" || mount --bind "$data" "$data"; mount -o remount,bind,ro "$data"; }
undo() { mount -o remount,bind,rw "$data"; }

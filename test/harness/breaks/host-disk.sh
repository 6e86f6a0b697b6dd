# For this machine's own programs the lab's folder is read-only; the nodes have their mounts already, and notice nothing.
data=/var/lib/duostack/$id
break_it() { mountpoint -q "$data" || mount --bind "$data" "$data"; mount -o remount,bind,ro "$data"; }
undo() { mount -o remount,bind,rw "$data"; }

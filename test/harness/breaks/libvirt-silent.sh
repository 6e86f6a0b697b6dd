# The lab's own libvirtd runs, and answers nobody; the nodes go on.
pidfile=/var/lib/duostack/$id/libvirt/run/libvirtd.pid
break_it() { kill -STOP "$(cat "$pidfile")"; }

# The lab's own libvirtd is ended; the nodes go on.
pidfile=/var/lib/duostack/$id/libvirt/run/libvirtd.pid
break_it() { kill "$(cat "$pidfile")"; for _ in {1..50}; do [ -S "${libvirt#*=}" ] && [ -e "/proc/$(cat "$pidfile" 2>/dev/null || echo none)" ] || break; sleep 0.1; done; }

# Another program on this machine listens on the DHCP port.
pidfile=$lab/.lab/foreign-dhcp.pid
break_it() {
  inside setsid perl -MSocket -e 'socket(S, PF_INET, SOCK_DGRAM, 17); bind(S, sockaddr_in(67, INADDR_ANY)) or die $!;
    open(F, ">", $ARGV[0]); print F $$; close F; sleep 600' "$pidfile" </dev/null >/dev/null 2>&1 &
  for _ in {1..50}; do [ -s "$pidfile" ] && break; sleep 0.1; done
}
undo() { kill "$(cat "$pidfile")"; rm "$pidfile"; }

# Both rules of the first floating IP.
break_it() {
  on controller 'router=$(ip netns list | grep -om 1 "^qrouter-[^ ]*")
ip netns exec "$router" iptables-save -t nat | grep -E "^-A .* (DNAT --to-destination|SNAT --to-source) " | grep -v -- "-j SNAT --to-source .* -m" |
  while read -r rule; do ip netns exec "$router" iptables -w -t nat ${rule/-A/-D}; done'
}

# The DHCP server's interface goes down in its namespace.
namespace='$(ip netns list | sed -n "s/^\(qdhcp-[^ ]*\).*/\1/p" | head -n 1)'
break_it() { on controller "ip -n $namespace link set \$(ip -n $namespace -br link | sed -n 's/^\(ns-[^@ ]*\).*/\1/p') down"; }

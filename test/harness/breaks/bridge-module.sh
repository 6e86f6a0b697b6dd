# As after a reboot of this machine: nothing has loaded the module. Only if the kernel has it as a module, and no
# security group rule uses it.
break_it() {
  for node in controller compute1; do
    on "$node" 'systemctl stop neutron-linuxbridge-agent
for table in raw filter nat mangle; do iptables -w -t "$table" -F; ip6tables -w -t "$table" -F; done'
  done
  for module in xt_physdev br_netfilter; do
    [ ! -d "/sys/module/$module" ] || modprobe -r "$module"
  done
}
undo() {
  modprobe br_netfilter
  for node in controller compute1; do on "$node" 'sysctl -q -p /etc/sysctl.d/60-duostack.conf; systemctl start neutron-linuxbridge-agent'; done
}

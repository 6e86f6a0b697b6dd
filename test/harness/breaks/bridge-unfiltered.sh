break_it() { on compute1 'sysctl -qw net.bridge.bridge-nf-call-iptables=0'; }
undo() { on compute1 'sysctl -qw net.bridge.bridge-nf-call-iptables=1'; }

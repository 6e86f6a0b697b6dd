# sshd of the compute node is stopped.
break_it() { on compute1 'systemctl stop ssh.socket ssh'; inside ssh -F "$lab/.lab/ssh/ssh_config" -O exit compute1 2>/dev/null || true; }
undo() { inside virsh -q -c "$libvirt" lxc-enter-namespace "$domain" --noseclabel /bin/systemctl start ssh; }

# What cloud-init writes: the name of the controller on loopback, on the node that should reach it.
break_it() { on compute1 'cp -p /etc/hosts /root/hosts; sed -i "1i 127.0.1.1 controller" /etc/hosts'; }
undo() { on compute1 'cat /root/hosts > /etc/hosts'; }

# What cloud-init writes: the controller's name with a loopback address, on the node that should reach it.
break_it() { on compute1 'cp -p /etc/hosts /root/hosts; sed -i "1i 127.0.1.1 controller" /etc/hosts'; }
undo() { on compute1 'cat /root/hosts > /etc/hosts'; }

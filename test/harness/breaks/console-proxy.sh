break_it() { edit controller /etc/default/nova-consoleproxy 's/novnc/spicehtml5/' nova-novncproxy; }
undo() { restore controller /etc/default/nova-consoleproxy nova-novncproxy; }

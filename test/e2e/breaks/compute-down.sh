# As agent-dead, for Nova.
file=/etc/nova/nova.conf
break_it() {
  edit compute1 $file 's/^report_interval = .*/report_interval = 86400/' nova-compute
  sql "UPDATE nova.services SET last_seen_up = '2020-01-01' WHERE host = 'compute1'"
}
undo() { restore compute1 $file nova-compute; }

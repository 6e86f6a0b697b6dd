# As agent-dead, for Nova, which reports itself once when it starts.
file=/etc/nova/nova.conf
seen() { sql "SELECT last_seen_up > '$1' FROM nova.services WHERE host = 'compute1' AND deleted = 0"; }
break_it() {
  local since
  since=$(sql 'SELECT UTC_TIMESTAMP()')
  edit compute1 $file 's/^report_interval = .*/report_interval = 86400/' nova-compute
  for _ in {1..60}; do [ "$(seen "$since")" = 1 ] && break; sleep 1; done
  sql "UPDATE nova.services SET last_seen_up = '2020-01-01' WHERE host = 'compute1'"
}
undo() { restore compute1 $file nova-compute; }

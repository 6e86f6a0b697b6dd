# As agent-dead, for Nova, which reports once when it starts; only after that can the report be made old.
file=/etc/nova/nova.conf
seen() { sql "SELECT last_seen_up > '$1' FROM nova.services WHERE host = 'compute1' AND deleted = 0"; }
break_it() {
  local since
  edit compute1 $file 's/^report_interval = .*/report_interval = 86400/'
  # What the old process still had to report must not be taken for the new one's word.
  on compute1 'systemctl stop nova-compute; sleep 1'
  since=$(sql 'SELECT UTC_TIMESTAMP()')
  on compute1 'sleep 1; systemctl start nova-compute'
  for _ in {1..180}; do
    if [ "$(seen "$since")" = 1 ]; then
      sql "UPDATE nova.services SET last_seen_up = '2020-01-01' WHERE host = 'compute1'"
      return
    fi
    sleep 1
  done
  echo 'nova-compute has not reported itself for 180 s' >&2
  return 1
}
undo() { restore compute1 $file nova-compute; }

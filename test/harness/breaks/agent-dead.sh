# An agent that runs but does not report. Its last report is made old, so that nobody has to wait.
file=/etc/neutron/neutron.conf
break_it() {
  edit compute1 $file 's/^report_interval = .*/report_interval = 0/' neutron-linuxbridge-agent
  sql "UPDATE neutron.agents SET heartbeat_timestamp = '2020-01-01' WHERE host = 'compute1'"
}
undo() { restore compute1 $file neutron-linuxbridge-agent; }

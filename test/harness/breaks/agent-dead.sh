# An agent that runs and never reports; the last report is made an old one, so that nobody has to wait for that.
file=/etc/neutron/neutron.conf
break_it() {
  edit compute1 $file 's/^report_interval = .*/report_interval = 0/' neutron-linuxbridge-agent
  sql "UPDATE neutron.agents SET heartbeat_timestamp = '2020-01-01' WHERE host = 'compute1'"
}
undo() { restore compute1 $file neutron-linuxbridge-agent; }

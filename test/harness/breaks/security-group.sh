# The test instance's port gets the default group, which lets nothing in.
port() { sql "SELECT id FROM neutron.ports WHERE device_owner LIKE 'compute:%' LIMIT 1"; }
group() { sql "SELECT g.id FROM neutron.securitygroups g JOIN neutron.ports p ON p.project_id = g.project_id WHERE g.name = '$1' AND p.device_owner LIKE 'compute:%' LIMIT 1"; }
give() { api PUT 9696 "/v2.0/ports/$(port)" "{\"port\": {\"security_groups\": [\"$(group "$1")\"]}}" >/dev/null; }
break_it() { give default; sleep 3; }
undo() { give ping-and-ssh; sleep 3; }

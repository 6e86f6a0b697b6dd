path() { echo "/v2.0/agents/$(sql "SELECT id FROM neutron.agents WHERE agent_type = 'Metadata agent'")"; }
break_it() { api PUT 9696 "$(path)" '{"agent": {"admin_state_up": false}}' >/dev/null; }
undo() { api PUT 9696 "$(path)" '{"agent": {"admin_state_up": true}}' >/dev/null; }

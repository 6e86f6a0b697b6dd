path() { echo "/v2.0/agents/$(sql "SELECT id FROM neutron.agents WHERE agent_type = 'L3 agent'")/l3-routers"; }
router() { sql "SELECT id FROM neutron.routers WHERE name = 'router'"; }
break_it() { api DELETE 9696 "$(path)/$(router)"; }
undo() { api POST 9696 "$(path)" "{\"router_id\": \"$(router)\"}" >/dev/null; }

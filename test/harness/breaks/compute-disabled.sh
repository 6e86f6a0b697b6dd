path() { echo "/v2.1/os-services/$(sql "SELECT uuid FROM nova.services WHERE host = 'compute1' AND deleted = 0")"; }
header='OpenStack-API-Version: compute 2.53'
break_it() { api PUT 8774 "$(path)" '{"status": "disabled", "disabled_reason": "somebody tries something"}' "$header" >/dev/null; }
undo() { api PUT 8774 "$(path)" '{"status": "enabled"}' "$header" >/dev/null; }

path() { echo "/v2.1/servers/$(sql 'SELECT uuid FROM nova.instances WHERE deleted = 0 LIMIT 1')/action"; }
break_it() { api POST 8774 "$(path)" '{"os-resetState": {"state": "error"}}'; }
undo() { api POST 8774 "$(path)" '{"os-resetState": {"state": "active"}}'; }

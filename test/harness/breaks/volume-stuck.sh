path() { read -r volume project < <(sql "SELECT id, project_id FROM cinder.volumes WHERE deleted = 0 LIMIT 1" | tr '\t' ' '); echo "/v3/$project/volumes/$volume/action"; }
break_it() { api POST 8776 "$(path)" '{"os-reset_status": {"status": "error_extending"}}'; }
undo() { api POST 8776 "$(path)" '{"os-reset_status": {"status": "in-use"}}'; }

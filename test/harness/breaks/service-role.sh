path() {
  echo "/v3/projects/$(sql "SELECT id FROM keystone.project WHERE name = 'service'")/users/$(
    sql "SELECT user_id FROM keystone.local_user WHERE name = 'cinder'")/roles/$(sql "SELECT id FROM keystone.role WHERE name = 'service'")"
}
break_it() { api DELETE 5000 "$(path)"; }
undo() { api PUT 5000 "$(path)"; }

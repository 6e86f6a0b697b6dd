# The user of a service is disabled.
user() { sql "SELECT user_id FROM keystone.local_user WHERE name = 'glance'"; }
break_it() { api PATCH 5000 "/v3/users/$(user)" '{"user": {"enabled": false}}' >/dev/null; }
undo() { api PATCH 5000 "/v3/users/$(user)" '{"user": {"enabled": true}}' >/dev/null; }

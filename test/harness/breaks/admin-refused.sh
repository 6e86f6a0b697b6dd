break_it() {
  user=$(sql "SELECT user_id FROM keystone.local_user WHERE name = 'admin'")
  api PATCH 5000 "/v3/users/$user" '{"user": {"password": "not-the-password"}}' >/dev/null
}

break_it() {
  api POST 5000 /v3/endpoints "{\"endpoint\": {\"service_id\": \"$(sql "SELECT id FROM keystone.service WHERE type = 'placement'")\",
    \"interface\": \"internal\", \"region_id\": \"RegionOne\", \"url\": \"http://10.0.0.11:8778/double\"}}" >/dev/null
}

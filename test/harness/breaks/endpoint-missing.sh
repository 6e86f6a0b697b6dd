break_it() {
  api DELETE 5000 "/v3/endpoints/$(sql "SELECT e.id FROM keystone.endpoint e JOIN keystone.service s ON e.service_id = s.id
    WHERE s.type = 'image' AND e.interface = 'admin'")"
}

break_it() {
  api PATCH 5000 "/v3/endpoints/$(sql "SELECT e.id FROM keystone.endpoint e JOIN keystone.service s ON e.service_id = s.id
    WHERE s.type = 'volumev3' AND e.interface = 'internal'")" '{"endpoint": {"url": "http://192.0.2.1:8776/v3"}}' >/dev/null
}

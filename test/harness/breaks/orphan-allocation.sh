# What a killed launch leaves in Placement.
break_it() {
  api PUT 8778 /allocations/11111111-2222-4333-8444-555555555555 "{\"allocations\": {\"$(
    sql "SELECT uuid FROM placement.resource_providers WHERE name = 'compute1'")\": {\"resources\": {\"VCPU\": 1, \"MEMORY_MB\": 64}}},
    \"project_id\": \"gone\", \"user_id\": \"gone\", \"consumer_generation\": null}" 'OpenStack-API-Version: placement 1.28'
}

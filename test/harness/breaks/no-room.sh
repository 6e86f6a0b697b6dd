# All memory of the compute node is reserved.
inventory() {
  provider_id=$(sql "SELECT uuid FROM placement.resource_providers WHERE name = 'compute1'")
  read -r generation total < <(sql "SELECT p.generation, i.total FROM placement.resource_providers p
    JOIN placement.inventories i ON i.resource_provider_id = p.id JOIN placement.resource_classes c ON c.id = i.resource_class_id
    WHERE p.name = 'compute1' AND c.name = 'MEMORY_MB'" | tr '\t' ' ')
  api PUT 8778 "/resource_providers/$provider_id/inventories/MEMORY_MB" "{\"resource_provider_generation\": $generation,
    \"total\": $total, \"reserved\": $1, \"allocation_ratio\": 1.5, \"max_unit\": $total}" >/dev/null
}
break_it() { inventory "$(sql "SELECT i.total - 1 FROM placement.inventories i JOIN placement.resource_classes c ON c.id = i.resource_class_id WHERE c.name = 'MEMORY_MB' LIMIT 1")"; }
undo() { inventory 512; }

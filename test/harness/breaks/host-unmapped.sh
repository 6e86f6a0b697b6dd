break_it() { sql "DELETE FROM nova_api.host_mappings WHERE host = 'compute1'; UPDATE nova.compute_nodes SET mapped = 0 WHERE host = 'compute1'"; }

break_it() { edit controller /etc/nova/nova.conf 's/^service_metadata_proxy = .*/service_metadata_proxy = false/' nova-api-metadata; }
undo() { restore controller /etc/nova/nova.conf nova-api-metadata; }

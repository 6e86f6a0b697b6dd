break_it() { edit controller /etc/neutron/metadata_agent.ini 's/^metadata_proxy_shared_secret = .*/metadata_proxy_shared_secret = not-the-secret/' neutron-metadata-agent; }
undo() { restore controller /etc/neutron/metadata_agent.ini neutron-metadata-agent; }

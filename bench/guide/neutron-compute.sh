neutron_keys
systemctl restart nova-compute
start neutron-linuxbridge-agent

database neutron neutron
register neutron network neutron http://controller:9696
neutron_keys
set_keys $N database "connection=mysql+pymysql://neutron:$PASS@controller/neutron"
set_keys $N DEFAULT notify_nova_on_port_status_changes=true notify_nova_on_port_data_changes=true
credentials $N nova nova
F=/etc/neutron/plugins/ml2/ml2_conf.ini
set_keys $F ml2 type_drivers=flat,vlan tenant_network_types= mechanism_drivers=linuxbridge \
  extension_drivers=port_security
set_keys $F ml2_type_flat flat_networks=provider
set_keys $F securitygroup enable_ipset=true
set_keys /etc/neutron/dhcp_agent.ini DEFAULT interface_driver=linuxbridge \
  dhcp_driver=neutron.agent.linux.dhcp.Dnsmasq enable_isolated_metadata=true
set_keys /etc/neutron/metadata_agent.ini DEFAULT nova_metadata_host=controller "metadata_proxy_shared_secret=$PASS"
# The package's 32 threads hang the API ("cannot switch to a different thread"): the one default that cannot stay.
set_keys /etc/neutron/neutron-api-uwsgi.ini uwsgi threads=1
as neutron neutron-db-manage --config-file $N --config-file /etc/neutron/plugins/ml2/ml2_conf.ini upgrade head >/dev/null
systemctl restart nova-api
start neutron-api neutron-rpc-server
until_true 120 answers http://controller:9696
start neutron-linuxbridge-agent neutron-dhcp-agent neutron-metadata-agent

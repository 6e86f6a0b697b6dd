for name in nova_api nova nova_cell0; do database $name nova; done
register nova compute nova http://controller:8774/v2.1
openstack role add --project service --user nova service
nova_keys "$CONTROLLER"
set_keys $F api_database "connection=mysql+pymysql://nova:$PASS@controller/nova_api"
set_keys $F database "connection=mysql+pymysql://nova:$PASS@controller/nova"
set_keys $F vnc 'server_listen=$my_ip' 'server_proxyclient_address=$my_ip'
set_keys $F neutron service_metadata_proxy=true "metadata_proxy_shared_secret=$PASS"
sed -i 's/^NOVA_CONSOLE_PROXY_TYPE=.*/NOVA_CONSOLE_PROXY_TYPE=novnc/' /etc/default/nova-consoleproxy
as nova nova-manage api_db sync
as nova nova-manage cell_v2 map_cell0
as nova nova-manage cell_v2 create_cell --name=cell1 --verbose
as nova nova-manage db sync
start nova-api nova-api-metadata nova-conductor nova-scheduler nova-novncproxy
until_true 120 answers http://controller:8774

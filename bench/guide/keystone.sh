database keystone keystone
F=/etc/keystone/keystone.conf
set_keys $F database "connection=mysql+pymysql://keystone:$PASS@controller/keystone"
set_keys $F token provider=fernet
set_keys $F cache memcache_servers=controller:11211
as keystone keystone-manage db_sync
keystone-manage fernet_setup --keystone-user keystone --keystone-group keystone
keystone-manage credential_setup --keystone-user keystone --keystone-group keystone
keystone-manage bootstrap --bootstrap-password "$PASS" --bootstrap-admin-url http://controller:5000/v3/ \
  --bootstrap-internal-url http://controller:5000/v3/ --bootstrap-public-url http://controller:5000/v3/ \
  --bootstrap-region-id RegionOne
start keystone
until_true 120 answers http://controller:5000/v3
openstack project create --domain default --description 'Service Project' service >/dev/null
openstack role create service >/dev/null

database glance glance
register glance image glance http://controller:9292
F=/etc/glance/glance-api.conf
set_keys $F database "connection=mysql+pymysql://glance:$PASS@controller/glance"
authtoken $F glance
set_keys $F paste_deploy flavor=keystone
set_keys $F glance_store stores=file,http default_store=file filesystem_store_datadir=/var/lib/glance/images/
as glance glance-manage db_sync
start glance-api
until_true 120 answers http://controller:9292

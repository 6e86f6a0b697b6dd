database placement placement
register placement placement placement http://controller:8778
F=/etc/placement/placement.conf
set_keys $F placement_database "connection=mysql+pymysql://placement:$PASS@controller/placement"
set_keys $F api auth_strategy=keystone
authtoken $F placement
as placement placement-manage db sync
start placement-api
until_true 120 answers http://controller:8778

cat >/etc/mysql/mariadb.conf.d/99-openstack.cnf <<X
[mysqld]
bind-address = $CONTROLLER
default-storage-engine = innodb
innodb_file_per_table = on
max_connections = 4096
collation-server = utf8mb3_general_ci
character-set-server = utf8mb3
X
start mariadb

sed -i "s/^-l .*/-l $CONTROLLER/" /etc/memcached.conf
start memcached

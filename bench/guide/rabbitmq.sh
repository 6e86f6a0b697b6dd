start rabbitmq-server
rabbitmqctl -q add_user openstack "$PASS"
rabbitmqctl -q set_permissions openstack '.*' '.*' '.*'

break_it() { on controller 'rabbitmqctl -q change_password openstack not-the-password </dev/null'; }

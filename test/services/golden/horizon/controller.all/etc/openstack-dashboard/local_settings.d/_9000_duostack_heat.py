OPENSTACK_HEAT_STACK = {'enable_user_pass': False}

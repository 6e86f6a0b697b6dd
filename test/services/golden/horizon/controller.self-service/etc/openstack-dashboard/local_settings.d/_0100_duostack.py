WEBROOT = '/horizon/'
SECRET_KEY = 'SECRET-horizon_secret_key'
# By the controller's address or name, or by the port on the user's own machine to which it is forwarded.
ALLOWED_HOSTS = ['10.0.0.11', 'controller', '127.0.0.1', 'localhost']

OPENSTACK_HOST = '10.0.0.11'
OPENSTACK_KEYSTONE_URL = 'http://10.0.0.11:5000/v3'
OPENSTACK_KEYSTONE_MULTIDOMAIN_SUPPORT = False
OPENSTACK_KEYSTONE_DEFAULT_DOMAIN = 'Default'
# Else that of the first endpoint in the catalog, which may be a user's own, in another region or in none.
DEFAULT_SERVICE_REGIONS = {'*': 'RegionOne'}

SESSION_ENGINE = 'django.contrib.sessions.backends.cache'
CACHES = {
    'default': {
        'BACKEND': 'django.core.cache.backends.memcached.PyMemcacheCache',
        'LOCATION': '10.0.0.11:11211',
    },
}

# A password is never shown, a new one is not a short one, and who gives another user one has to give his own.
HORIZON_CONFIG['disable_password_reveal'] = True
HORIZON_CONFIG['password_validator'] = {'regex': '^.{8,}$', 'help_text': 'A password has 8 characters or more.'}
ENFORCE_PASSWORD_CHECK = True

OPENSTACK_NEUTRON_NETWORK = {
    'enable_router': True,
    'enable_quotas': True,
    'enable_ipv6': False,
    'enable_distributed_router': False,
    'enable_ha_router': False,
    'enable_fip_topology_check': True,
}
OPENSTACK_CINDER_FEATURES = {'enable_backup': False}
CONSOLE_TYPE = 'VNC'
# An image is kept here until Glance has it: on the disk, with room for whatever Glance has room for.
FILE_UPLOAD_TEMP_DIR = '/var/tmp'
TIME_ZONE = 'UTC'

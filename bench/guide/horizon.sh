cat >/etc/openstack-dashboard/local_settings.d/_0100_guide.py <<X
OPENSTACK_HOST = "controller"
OPENSTACK_KEYSTONE_URL = "http://controller:5000/v3"
ALLOWED_HOSTS = ['*']
SESSION_ENGINE = 'django.contrib.sessions.backends.cache'
CACHES = {'default': {'BACKEND': 'django.core.cache.backends.memcached.PyMemcacheCache', 'LOCATION': 'controller:11211'}}
OPENSTACK_NEUTRON_NETWORK = {'enable_router': False, 'enable_quotas': False, 'enable_ipv6': False}
X
a2dissite -q default-ssl || true
start apache2
until_true 120 curl -sf -o /dev/null -L http://controller/horizon/

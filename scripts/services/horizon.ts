/** Horizon: the dashboard, under Apache on the controller. */

import { socketOf, urlOf } from '../declaration/endpoints.ts'
import { controllerOf, isSelfService, type Lab } from '../declaration/lab.ts'
import type { Secrets } from '../declaration/secret-names.ts'
import { profileOf, type ServiceName, serviceNames } from '../declaration/service-profiles.ts'
import type { ConfigFile, ServiceDefinition, Step } from '../engine/service.ts'
import { timeouts } from '../run/timeouts.ts'

const site = 'duostack-horizon'

export const horizon: ServiceDefinition = (lab, secrets) => ({
  name: 'horizon',
  needs: ['keystone', 'memcached'],
  parts: [
    {
      on: 'controller',
      // openstack-dashboard alone does not install Apache.
      packages: ['openstack-dashboard', 'openstack-dashboard-apache', 'python3-pymemcache'],
      files: [
        settings(lab, secrets),
        ...serviceNames.filter((name) => lab.services[name]).flatMap(panelSettings),
        // As packaged it listens on every address of the node.
        { path: '/etc/apache2/ports.conf', content: `Listen ${socketOf(lab, 'horizon')}\n` },
        virtualHost(lab),
      ],
      setup: [onlySite],
      units: ['apache2'],
    },
  ],
  ready: [
    {
      what: 'the login page is served',
      url: `${urlOf(lab, 'horizon')}/horizon/auth/login/`,
      status: [200],
      deadlineSeconds: timeouts.services.slowReady.seconds,
    },
  ],
})

/**
 * Must sort after Debian's own files: its _0006_debian_cache.py is loaded after local_settings.py and keeps sessions in
 * each process's memory, so that a login works only for requests that happen to reach the same process.
 */
function settings(lab: Lab, secrets: Secrets): ConfigFile {
  const { address, name } = controllerOf(lab)
  const selfService = isSelfService(lab)
  return {
    path: '/etc/openstack-dashboard/local_settings.d/_0100_duostack.py',
    group: 'www-data',
    mode: '0640',
    content: `WEBROOT = '/horizon/'
SECRET_KEY = '${secrets.horizon_secret_key}'
# By the controller's address or name, or by the port on the user's own machine to which it is forwarded.
ALLOWED_HOSTS = ['${address}', '${name}', '127.0.0.1', 'localhost']

OPENSTACK_HOST = '${address}'
OPENSTACK_KEYSTONE_URL = '${urlOf(lab, 'keystone')}/v3'
OPENSTACK_KEYSTONE_MULTIDOMAIN_SUPPORT = False
OPENSTACK_KEYSTONE_DEFAULT_DOMAIN = 'Default'
# Else that of the first endpoint in the catalog, which may be a user's own, in another region or in none.
DEFAULT_SERVICE_REGIONS = {'*': '${lab.region}'}

SESSION_ENGINE = 'django.contrib.sessions.backends.cache'
CACHES = {
    'default': {
        'BACKEND': 'django.core.cache.backends.memcached.PyMemcacheCache',
        'LOCATION': '${socketOf(lab, 'memcached')}',
    },
}

# A password is never shown, a new one is not a short one, and who gives another user one has to give his own.
HORIZON_CONFIG['disable_password_reveal'] = True
HORIZON_CONFIG['password_validator'] = {'regex': '^.{8,}$', 'help_text': 'A password has 8 characters or more.'}
ENFORCE_PASSWORD_CHECK = True

${selfService ? '' : '# Only provider networks: nothing to show of routers and what hangs on them.\n'}OPENSTACK_NEUTRON_NETWORK = {
    'enable_router': ${selfService ? 'True' : 'False'},
    'enable_quotas': True,
    'enable_ipv6': False,
    'enable_distributed_router': False,
    'enable_ha_router': False,
    'enable_fip_topology_check': ${selfService ? 'True' : 'False'},
}
OPENSTACK_CINDER_FEATURES = {'enable_backup': ${lab.volumeBackup ? 'True' : 'False'}}
CONSOLE_TYPE = 'VNC'
# An image is kept here until Glance has it: on the disk, with room for whatever Glance has room for.
FILE_UPLOAD_TEMP_DIR = '/var/tmp'
TIME_ZONE = 'UTC'
`,
  }
}

/** Must sort after the settings in the panels' package. */
function panelSettings(service: ServiceName): ConfigFile[] {
  const { dashboard } = profileOf(service)
  if (!dashboard) return []
  const path = `/etc/openstack-dashboard/local_settings.d/_9000_duostack_${service}.py`
  return [{ path, content: `${dashboard.settings.join('\n')}\n` }]
}

function virtualHost(lab: Lab): ConfigFile {
  return {
    path: `/etc/apache2/sites-available/${site}.conf`,
    content: `<VirtualHost ${socketOf(lab, 'horizon')}>
    ServerName ${controllerOf(lab).name}
    RedirectMatch ^/$ /horizon/
    # Images are larger than the 1 GiB that Apache takes by default.
    LimitRequestBody 0

    WSGIDaemonProcess horizon user=www-data group=www-data processes=${lab.apiWorkers} threads=4 display-name=%{GROUP}
    WSGIProcessGroup horizon
    WSGIApplicationGroup %{GLOBAL}
    WSGIScriptAlias /horizon /usr/share/openstack-dashboard/wsgi.py process-group=horizon
    Alias /horizon/static /var/lib/openstack-dashboard/static

    <Directory /usr/share/openstack-dashboard>
        Require all granted
    </Directory>
    <Directory /var/lib/openstack-dashboard/static>
        Require all granted
    </Directory>
</VirtualHost>
`,
  }
}

/**
 * The package enables default-ssl but not the module ssl, so Apache does not start at all: "Invalid command
 * 'SSLEngine'". Ours is the only site; Keystone does not run in this Apache, so restarting it disturbs nothing else.
 */
const onlySite: Step = {
  name: `Apache serves ${site} and nothing else`,
  unless: `test "$(ls /etc/apache2/sites-enabled)" = ${site}.conf && a2query -q -m wsgi`,
  run: `for enabled in $(ls /etc/apache2/sites-enabled); do a2dissite -q "\${enabled%.conf}"; done
a2enmod -q wsgi
a2ensite -q ${site}
systemctl try-restart apache2`,
}

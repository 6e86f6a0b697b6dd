/** Keystone: users, tokens and the catalog. */

import { socketOf, urlOf } from '../declaration/endpoints.ts'
import { isSelfService, type Lab } from '../declaration/lab.ts'
import type { Secrets } from '../declaration/secret-names.ts'
import type { CatalogEntry, Database, ServiceDefinition, Step } from '../engine/service.ts'
import { scaled, timeouts } from '../run/timeouts.ts'
import { adminTokenRequest } from './admin-request.ts'
import { databaseUrl } from './database-url.ts'
import { migrateStep } from './migrations.ts'
import { uwsgiFiles } from './uwsgi.ts'

/**
 * What the interoperability guideline asks of a cloud with networks of projects. The lab's own services never come near
 * so many wrong passwords in a row, and who is locked is let in again after seconds.
 */
export const passwordRules = { lockout_failure_attempts: 30, lockout_duration: 5, unique_last_password_count: 2 }

export const keystone: ServiceDefinition = (lab, secrets) => {
  const database: Database = { name: 'keystone', user: 'keystone', password: secrets.keystone_database_password }
  return {
    name: 'keystone',
    needs: ['mariadb', 'memcached'],
    databases: [database],
    parts: [
      {
        on: 'controller',
        packages: ['keystone', 'python3-pymysql', 'python3-memcache'],
        files: [
          {
            path: '/etc/keystone/keystone.conf',
            group: 'keystone',
            mode: '0640',
            content: {
              database: { connection: databaseUrl(lab, database) },
              token: { provider: 'fernet' },
              identity: {
                // Each extra round doubles the CPU time of a login, a quarter of a second with the default of 12; the
                // lab's passwords have 190 random bits, which cannot be guessed even with fewer rounds.
                password_hash_rounds: 4,
                // bcrypt reads no more; with the default of 4096 Keystone logs a warning at every login.
                max_password_length: 72,
              },
              cache: {
                enabled: true,
                backend: 'dogpile.cache.memcached',
                memcache_servers: socketOf(lab, 'memcached'),
              },
              ...(isSelfService(lab) ? { security_compliance: passwordRules } : {}),
            },
          },
          ...uwsgiFiles(lab, {
            unit: 'keystone',
            ini: '/etc/keystone/keystone-uwsgi.ini',
            application: '/usr/bin/keystone-wsgi-public',
            user: 'keystone',
            listener: 'keystone',
          }),
        ],
        setup: [
          migrateStep('keystone', 'keystone-manage db_sync', [
            { database: 'keystone', versions: 'keystone/common/sql/migrations/versions' },
          ]),
          keys(lab, secrets),
        ],
        units: ['keystone'],
      },
      // A separate part, because its check needs the running service.
      { on: 'controller', packages: [], files: [], setup: [bootstrap(lab, secrets)], units: [] },
    ],
    ready: [{ what: 'Keystone answers', url: `${urlOf(lab, 'keystone')}/v3`, status: [200] }],
  }
}

/**
 * Token keys, credential keys and, if there is no admin yet, the bootstrap, all in one Python process, because the
 * imports of these commands take seconds. A repository has the next key, 0, and at least one in use; if a killed setup
 * left only key 0, a rotation completes it, because setup would refuse. One that is whole is not touched.
 */
function keys(lab: Lab, secrets: Secrets): Step {
  return {
    name: 'keystone-manage fernet_setup, credential_setup and bootstrap',
    unless:
      'for kind in fernet credential; do [ "$(find /etc/keystone/$kind-keys -type f -size +0 | wc -l)" -ge 2 ] || exit 1; done',
    run: `if ! ${adminExists}; then
${bootstrapPassword(secrets)}
fi
python3 - <<'END'
import os, pwd, sys
from keystone.cmd.manage import main

def manage(*arguments, user='root'):
    child = os.fork()
    if child == 0:
        account = pwd.getpwnam(user)
        os.initgroups(user, account.pw_gid)
        os.setgid(account.pw_gid)
        os.setuid(account.pw_uid)
        sys.argv = ['keystone-manage', *arguments]
        sys.exit(main())
    if os.waitpid(child, 0)[1] != 0:
        sys.exit(f'keystone-manage {arguments[0]} failed')

for kind in 'fernet', 'credential':
    folder = f'/etc/keystone/{kind}-keys'
    if os.path.exists(folder) and sum(key.stat().st_size > 0 for key in os.scandir(folder)) >= 2:
        continue
    action = 'rotate' if os.path.exists(f'{folder}/0') else 'setup'
    manage(f'{kind}_{action}', '--keystone-user', 'keystone', '--keystone-group', 'keystone')
if 'OS_BOOTSTRAP_PASSWORD' in os.environ:
    manage(*${JSON.stringify(bootstrapArguments(lab))}, user='keystone')
END`,
  }
}

/** From the environment: every user of the node could read an argument. */
const bootstrapPassword = (secrets: Secrets) => `export OS_BOOTSTRAP_PASSWORD='${secrets.admin_password}'`

const identityUrl = (lab: Lab) => `${urlOf(lab, 'keystone')}/v3/`

/** As `keystone-manage bootstrap` creates it. */
export const keystoneEntry = (lab: Lab): CatalogEntry => ({
  type: 'identity',
  name: 'keystone',
  description: '',
  url: identityUrl(lab),
})

function bootstrapArguments(lab: Lab): string[] {
  const kinds = ['admin', 'internal', 'public']
  const urls = kinds.flatMap((kind) => [`--bootstrap-${kind}-url`, identityUrl(lab)])
  return ['bootstrap', '--bootstrap-region-id', lab.region, ...urls]
}

/**
 * Creates the admin, the project, the roles and Keystone's own catalog entry, directly in the database; run again, it
 * repairs any of them, also a changed admin password. The check does what a user does: log in and look.
 */
function bootstrap(lab: Lab, secrets: Secrets): Step {
  return {
    name: 'keystone-manage bootstrap',
    unless: `${adminExists} || exit 1\n${logIn(lab, secrets)} | grep -qE '"url": ?"${identityUrl(lab)}"'`,
    run: `${bootstrapPassword(secrets)}
runuser -u keystone -- keystone-manage ${bootstrapArguments(lab).join(' ')} </dev/null`,
  }
}

/** Before the first bootstrap nobody can log in, so there is no need to wait for the service. */
const adminExists = `mariadb -N -B -e "SELECT name FROM local_user WHERE name = 'admin'" keystone | grep -q admin`

/**
 * bash that requests an admin token; curl reads the request, with the password, from stdin. Waits for a service that
 * has just been restarted, not for one that is missing.
 */
function logIn(lab: Lab, secrets: Secrets): string {
  return [
    `patience=$(systemctl is-active -q keystone && echo ${scaled(lab, timeouts.openstack.admin)} || echo 0)`,
    `curl -sf --retry "$patience" --retry-delay 1 --retry-max-time "$patience" --retry-connrefused \\`,
    `  -H 'Content-Type: application/json' -d @- ${urlOf(lab, 'keystone')}/v3/auth/tokens <<< '${adminTokenRequest(secrets)}'`,
  ].join('\n')
}

/** Glance: images, kept as files on the controller. */

import { ports, urlOf } from '../declaration/endpoints.ts'
import { controllerOf } from '../declaration/lab.ts'
import type { Database, ServiceDefinition, Step } from '../engine/service.ts'
import { databaseUrl } from './database-url.ts'
import { keystoneAuthtoken, typeOf } from './keystone-authtoken.ts'
import { migrateStep } from './migrations.ts'
import { serviceRoles } from './service-credentials.ts'
import { restartUntilUp, unitDropIn } from './unit-drop-in.ts'

const migrations = 'glance/db/sqlalchemy/alembic_migrations/versions'

export const glance: ServiceDefinition = (lab, secrets) => {
  const database: Database = { name: 'glance', user: 'glance', password: secrets.glance_database_password }
  return {
    name: 'glance',
    needs: ['keystone'],
    databases: [database],
    identity: {
      user: 'glance',
      password: secrets.glance_password,
      roles: serviceRoles,
      type: typeOf('glance'),
      name: 'glance',
      description: 'OpenStack Image',
      url: urlOf(lab, 'glance'),
    },
    parts: [
      {
        on: 'controller',
        packages: ['glance', 'python3-pymysql', 'python3-memcache'],
        files: [
          {
            path: '/etc/glance/glance-api.conf',
            group: 'glance',
            mode: '0640',
            content: {
              DEFAULT: {
                // Runs under eventlet, not uWSGI: it has its own workers and its own listener.
                bind_host: controllerOf(lab).address,
                bind_port: ports.glance,
                workers: lab.apiWorkers,
                // Not web-download: whoever can create an image could use it to read whatever the controller can reach.
                // Glance filters only the addresses in the given URL, not where a name resolves to or a redirect leads.
                enabled_import_methods: '[glance-direct,copy-image]',
              },
              database: { connection: databaseUrl(lab, database) },
              keystone_authtoken: keystoneAuthtoken(lab, 'glance', secrets.glance_password),
              paste_deploy: { flavor: 'keystone' },
              glance_store: {
                stores: 'file',
                default_store: 'file',
                filesystem_store_datadir: '/var/lib/glance/images',
              },
              oslo_concurrency: { lock_path: '/var/lock/glance' },
            },
          },
          unitDropIn('glance-api', restartUntilUp),
        ],
        setup: [
          migrateStep('glance', 'glance-manage db_sync', [{ database: 'glance', versions: migrations }]),
          metadefs,
        ],
        units: ['glance-api'],
      },
    ],
    ready: [{ what: 'Glance answers', url: urlOf(lab, 'glance'), status: [200, 300] }],
  }
}

/** The catalog of well-known image properties, which clients and Horizon offer; package updates never load it. */
const metadefs: Step = {
  name: 'glance-manage db_load_metadefs',
  // One file holds one namespace.
  unless: `files=(/etc/glance/metadefs/*.json)\n[ "$(mariadb -N -B -e 'SELECT COUNT(*) FROM metadef_namespaces' glance)" -ge "\${#files[@]}" ]`,
  run: 'runuser -u glance -- glance-manage db_load_metadefs </dev/null',
  inImage: true,
}

/** Placement: the resources of every compute node, and how much of them is in use. */

import { urlOf } from '../declaration/endpoints.ts'
import type { Database, ServiceDefinition } from '../engine/service.ts'
import { databaseUrl } from './database-url.ts'
import { keystoneAuthtoken, typeOf } from './keystone-authtoken.ts'
import { migrateStep } from './migrations.ts'
import { serviceRoles } from './service-credentials.ts'
import { uwsgiFiles } from './uwsgi.ts'

export const placement: ServiceDefinition = (lab, secrets) => {
  const database: Database = { name: 'placement', user: 'placement', password: secrets.placement_database_password }
  return {
    name: 'placement',
    needs: ['keystone'],
    databases: [database],
    identity: {
      user: 'placement',
      password: secrets.placement_password,
      roles: serviceRoles,
      type: typeOf('placement'),
      name: 'placement',
      description: 'OpenStack Placement',
      url: urlOf(lab, 'placement'),
    },
    parts: [
      {
        on: 'controller',
        packages: ['placement-api', 'python3-pymysql', 'python3-memcache'],
        files: [
          {
            path: '/etc/placement/placement.conf',
            group: 'placement',
            mode: '0640',
            content: {
              placement_database: { connection: databaseUrl(lab, database) },
              api: { auth_strategy: 'keystone' },
              keystone_authtoken: keystoneAuthtoken(lab, 'placement', secrets.placement_password),
            },
          },
          ...uwsgiFiles(lab, {
            unit: 'placement-api',
            ini: '/etc/placement/placement-api-uwsgi.ini',
            application: '/usr/bin/placement-api',
            user: 'placement',
            listener: 'placement',
          }),
        ],
        setup: [
          migrateStep('placement', 'placement-manage db sync', [
            { database: 'placement', versions: 'placement/db/sqlalchemy/alembic/versions' },
          ]),
        ],
        units: ['placement-api'],
      },
    ],
    ready: [{ what: 'Placement answers', url: `${urlOf(lab, 'placement')}/`, status: [200] }],
  }
}

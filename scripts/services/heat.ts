/** Heat: stacks of resources from templates. Two APIs and the engine on the controller, and its own Keystone domain. */

import { urlOf } from '../declaration/endpoints.ts'
import type { Lab } from '../declaration/lab.ts'
import type { Secrets } from '../declaration/secret-names.ts'
import { profileOf } from '../declaration/service-profiles.ts'
import type { Part, Readiness, ServiceDefinition } from '../engine/service.ts'
import { timeouts } from '../run/timeouts.ts'
import { cfnWsgi, heatConf, heatDatabase, stackDomain } from './heat-config.ts'
import { typeOf } from './keystone-authtoken.ts'
import { migrateStep } from './migrations.ts'
import { serviceRoles } from './service-credentials.ts'
import { slowUnit } from './service-timeouts.ts'
import { uwsgiFiles } from './uwsgi.ts'

const units = ['heat-api', 'heat-api-cfn', 'heat-engine']

export const heat: ServiceDefinition = (lab, secrets) => ({
  name: 'heat',
  // The services named by a template's resources are needed when a stack is created, not at the start.
  needs: ['keystone', 'rabbitmq'],
  databases: [heatDatabase(secrets)],
  identity: {
    user: 'heat',
    password: secrets.heat_password,
    roles: serviceRoles,
    type: typeOf('heat'),
    name: 'heat',
    description: 'OpenStack Orchestration',
    url: `${urlOf(lab, 'heat')}/v1/%(project_id)s`,
    furtherEntries: [
      {
        type: 'cloudformation',
        name: 'heat-cfn',
        description: 'OpenStack CloudFormation API',
        url: `${urlOf(lab, 'heatCfn')}/v1`,
      },
    ],
    // The role of users created by a stack; a policy restricts them to their own stack.
    rolesToGive: ['heat_stack_user'],
    domain: stackDomain(secrets),
  },
  parts: [controllerPart(lab, secrets)],
  ready: checks(lab),
})

function controllerPart(lab: Lab, secrets: Secrets): Part {
  const { dashboard } = profileOf('heat')
  return {
    on: 'controller',
    packages: [
      ...[...units, 'python3-pymysql', 'python3-memcache'],
      ...(dashboard && lab.services.horizon ? [dashboard.package] : []),
    ],
    files: [
      heatConf(lab, secrets),
      cfnWsgi,
      ...uwsgiFiles(lab, {
        unit: 'heat-api',
        ini: '/etc/heat/heat-api-uwsgi.ini',
        application: '/usr/bin/heat-wsgi-api',
        user: 'heat',
        listener: 'heat',
      }),
      ...uwsgiFiles(lab, {
        unit: 'heat-api-cfn',
        ini: '/etc/heat/heat-api-cfn-uwsgi.ini',
        application: cfnWsgi.path,
        user: 'heat',
        listener: 'heatCfn',
        // Receives only signals, and there are few.
        extra: { processes: 1 },
      }),
      slowUnit(lab, 'heat-engine'),
    ],
    setup: [
      migrateStep('heat', 'heat-manage db_sync', [
        { database: 'heat', versions: 'heat/db/sqlalchemy/migrate_repo/versions', tool: 'sqlalchemy-migrate' },
      ]),
    ],
    units,
  }
}

function checks(lab: Lab): Readiness[] {
  const deadlineSeconds = timeouts.services.slowReady.seconds
  // As Heat itself judges it: a stopped engine still counts for a while. Whether it runs is checked by its unit.
  const alive =
    'deleted_at IS NULL AND COALESCE(updated_at, created_at) > UTC_TIMESTAMP() - INTERVAL 2 * report_interval SECOND'
  const query = `SELECT host, engine_id, updated_at FROM service WHERE ${alive}`
  return [
    { what: 'Heat answers', url: `${urlOf(lab, 'heat')}/`, status: [300], deadlineSeconds },
    { what: 'its CloudFormation API answers', url: `${urlOf(lab, 'heatCfn')}/`, status: [300], deadlineSeconds },
    {
      what: 'an engine has reported',
      on: 'controller',
      command: `rows=$(mariadb -N -B heat -e "${query}"); echo "$rows"; test -n "$rows"`,
      deadlineSeconds,
    },
  ]
}

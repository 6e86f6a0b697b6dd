/** Cinder: API and scheduler on the controller, the volume service on the storage nodes. */

import { urlOf } from '../declaration/endpoints.ts'
import { type Lab, nodesWith } from '../declaration/lab.ts'
import type { Secrets } from '../declaration/secret-names.ts'
import type { Part, Readiness, ServiceDefinition, Step } from '../engine/service.ts'
import { timeouts } from '../run/timeouts.ts'
import { asAdmin } from './admin-request.ts'
import { backendOf } from './cinder-backend.ts'
import { backupParts, forgetBackup, withoutBackup } from './cinder-backup.ts'
import { cinderDatabase, cinderPrivsep, controllerCinderConf, storageCinderConfs } from './cinder-config.ts'
import { typeOf } from './keystone-authtoken.ts'
import { migrateStep } from './migrations.ts'
import { privsepSudoers } from './privsep.ts'
import { serviceRoles } from './service-credentials.ts'
import { serviceTimeouts, slowUnit } from './service-timeouts.ts'
import { uwsgiFiles } from './uwsgi.ts'

export const cinder: ServiceDefinition = (lab, secrets) => ({
  name: 'cinder',
  // Glance is needed when a volume is created from an image, not at the start.
  needs: ['keystone', 'rabbitmq'],
  databases: [cinderDatabase(secrets)],
  identity: {
    user: 'cinder',
    password: secrets.cinder_password,
    roles: serviceRoles,
    type: typeOf('cinder'),
    name: 'cinderv3',
    description: 'OpenStack Block Storage',
    url: `${urlOf(lab, 'cinder')}/v3/%(project_id)s`,
  },
  parts: [
    controllerPart(lab, secrets),
    storagePart(lab, secrets),
    { on: 'compute', alongside: true, ...backendOf(lab).attaching('compute') },
    ...backupParts(lab, secrets),
    { on: 'controller', packages: [], files: [], setup: [volumeType(lab, secrets), ...forgetBackup(lab)], units: [] },
  ],
  ready: checks(lab),
})

function controllerPart(lab: Lab, secrets: Secrets): Part {
  return {
    on: 'controller',
    packages: ['cinder-api', 'cinder-scheduler'],
    files: [
      controllerCinderConf(lab, secrets),
      ...uwsgiFiles(lab, {
        unit: 'cinder-api',
        ini: '/etc/cinder/cinder-api-uwsgi.ini',
        application: '/usr/bin/cinder-wsgi',
        user: 'cinder',
        listener: 'cinder',
      }),
      slowUnit(lab, 'cinder-scheduler'),
    ],
    setup: [
      migrateStep('cinder', 'cinder-manage db sync', [
        { database: 'cinder', versions: 'cinder/db/migrations/versions' },
      ]),
    ],
    units: ['cinder-api', 'cinder-scheduler'],
    ...withoutBackup(lab),
  }
}

function storagePart(lab: Lab, secrets: Secrets): Part {
  const { storage } = backendOf(lab)
  return {
    ...storage,
    on: 'storage',
    packages: ['cinder-volume', ...storage.packages],
    files: [
      ...storageCinderConfs(lab, secrets),
      privsepSudoers(cinderPrivsep),
      slowUnit(lab, 'cinder-volume'),
      ...storage.files,
    ],
    units: [...storage.units, 'cinder-volume'],
  }
}

/** The type that cinder.conf names as the default: without it Cinder refuses every volume created without a type. */
function volumeType(lab: Lab, secrets: Secrets): Step {
  const { name } = backendOf(lab)
  const types = `${urlOf(lab, 'cinder')}/v3/types`
  const spec = `s.deleted = 0 AND s.\\\`key\\\` = 'volume_backend_name' AND s.value = '${name}'`
  const sql = (query: string) => `mariadb -N -B cinder -e "${query}"`
  return {
    name: `volume type ${name}`,
    unless: `test -n "$(${sql(`SELECT t.id FROM volume_types t JOIN volume_type_extra_specs s ON s.volume_type_id = t.id WHERE t.deleted = 0 AND t.name = '${name}' AND ${spec}`)})"`,
    run: `${asAdmin(lab, secrets)}id=$(${sql(`SELECT id FROM volume_types WHERE deleted = 0 AND name = '${name}'`)})
if [ -z "$id" ]; then
  id=$(as_admin -d '{"volume_type": {"name": "${name}"}}' ${types} | grep -oE '"id": ?"[^"]+"' | head -n 1 | cut -d '"' -f 4)
fi
as_admin -o /dev/null -d '{"extra_specs": {"volume_backend_name": "${name}"}}' "${types}/$id/extra_specs"`,
  }
}

function checks(lab: Lab): Readiness[] {
  const { serviceDown } = serviceTimeouts(lab)
  const backends = nodesWith(lab, 'storage').length
  const topics = ['cinder-scheduler', 'cinder-volume', ...(lab.volumeBackup ? ['cinder-backup'] : [])]
  const expected = topics.length - 1 + backends
  const alive = `deleted = 0 AND disabled = 0 AND report_count > 0 AND updated_at > UTC_TIMESTAMP() - INTERVAL ${serviceDown} SECOND`
  const list = topics.map((topic) => `'${topic}'`).join(', ')
  const query = `SELECT host, topic, updated_at FROM services WHERE ${alive} AND topic IN (${list})`
  return [
    {
      what: 'Cinder answers',
      url: `${urlOf(lab, 'cinder')}/`,
      status: [200, 300],
      deadlineSeconds: timeouts.services.slowReady.seconds,
    },
    {
      // A volume service reports itself only when its driver is initialized; a volume created earlier ends in error.
      what: `the scheduler and ${backends} volume backends${lab.volumeBackup ? ', and cinder-backup,' : ''} are up`,
      on: 'controller',
      command: `rows=$(mariadb -N -B cinder -e "${query}"); echo "$rows"; test "$(grep -c . <<<"$rows")" = ${expected}`,
      deadlineSeconds: timeouts.services.slowestReady.seconds,
    },
  ]
}

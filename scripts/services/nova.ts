/** Nova: API, metadata, scheduler, conductor and console proxy on the controller, nova-compute on the compute nodes. */

import { urlOf } from '../declaration/endpoints.ts'
import { type Lab, nodesWith } from '../declaration/lab.ts'
import type { Secrets } from '../declaration/secret-names.ts'
import type { Part, Readiness, ServiceDefinition } from '../engine/service.ts'
import { timeouts } from '../run/timeouts.ts'
import { typeOf } from './keystone-authtoken.ts'
import { discoverStep, schemaSteps } from './nova-cells.ts'
import { libvirtPart, novaComputePart } from './nova-compute.ts'
import { controllerNovaConf, novaDatabases } from './nova-config.ts'
import { migrationParts } from './nova-migration.ts'
import { serviceRoles } from './service-credentials.ts'
import { serviceTimeouts, slowUnit } from './service-timeouts.ts'
import { uwsgiFiles } from './uwsgi.ts'

export const nova: ServiceDefinition = (lab, secrets) => ({
  name: 'nova',
  // Glance is needed when an instance is created, not at the start; Placement as soon as nova-compute runs.
  needs: ['placement', 'rabbitmq'],
  databases: novaDatabases(secrets),
  identity: {
    user: 'nova',
    password: secrets.nova_password,
    roles: serviceRoles,
    type: typeOf('nova'),
    name: 'nova',
    description: 'OpenStack Compute',
    url: `${urlOf(lab, 'nova')}/v2.1`,
  },
  parts: [
    controllerPart(lab, secrets),
    libvirtPart(lab),
    novaComputePart(lab, secrets),
    ...migrationParts(lab, secrets),
    { on: 'controller', packages: [], files: [], setup: [discoverStep(lab)], units: [] },
  ],
  ready: checks(lab),
})

function controllerPart(lab: Lab, secrets: Secrets): Part {
  return {
    on: 'controller',
    packages: ['nova-api', 'nova-scheduler', 'nova-conductor', 'nova-consoleproxy', 'novnc'],
    files: [
      controllerNovaConf(lab, secrets),
      ...uwsgiFiles(lab, {
        unit: 'nova-api',
        ini: '/etc/nova/nova-api-uwsgi.ini',
        application: '/usr/bin/nova-api-wsgi',
        user: 'nova',
        listener: 'nova',
      }),
      ...uwsgiFiles(lab, {
        unit: 'nova-api-metadata',
        ini: '/etc/nova/nova-api-metadata-uwsgi.ini',
        application: '/usr/bin/nova-metadata-wsgi',
        user: 'nova',
        listener: 'novaMetadata',
        // An instance asks here only once, at its boot.
        extra: { processes: 1 },
      }),
      slowUnit(lab, 'nova-conductor'),
      slowUnit(lab, 'nova-scheduler'),
      slowUnit(lab, 'nova-novncproxy'),
      // The package chooses spicehtml5; nova-novncproxy then starts and does nothing.
      {
        path: '/etc/default/nova-consoleproxy',
        content: 'NOVA_CONSOLE_PROXY_TYPE=novnc\nNOVA_SERIAL_PROXY_START=false\n',
      },
    ],
    setup: schemaSteps,
    units: ['nova-conductor', 'nova-scheduler', 'nova-api', 'nova-api-metadata', 'nova-novncproxy'],
    absentUnits: ['nova-serialproxy', 'nova-spicehtml5proxy'],
  }
}

function checks(lab: Lab): Readiness[] {
  const { serviceDown } = serviceTimeouts(lab)
  const expected = 2 + nodesWith(lab, 'compute').length
  const alive = `deleted = 0 AND disabled = 0 AND forced_down = 0 AND last_seen_up > UTC_TIMESTAMP() - INTERVAL ${serviceDown} SECOND`
  const rows = `SELECT host, \\\`binary\\\`, last_seen_up FROM services WHERE ${alive} AND \\\`binary\\\` IN ('nova-conductor', 'nova-scheduler', 'nova-compute')`
  return [
    {
      what: 'Nova answers',
      url: `${urlOf(lab, 'nova')}/`,
      status: [200],
      deadlineSeconds: timeouts.services.slowReady.seconds,
    },
    {
      what: 'Nova metadata answers',
      url: `${urlOf(lab, 'novaMetadata')}/`,
      status: [200],
      deadlineSeconds: timeouts.services.slowReady.seconds,
    },
    { what: 'the console page is served', url: `${urlOf(lab, 'novncproxy')}/vnc_lite.html`, status: [200] },
    {
      what: `conductor, scheduler and ${expected - 2} compute services are up`,
      on: 'controller',
      command: `rows=$(mariadb -N -B nova -e "${rows}"); echo "$rows"; test "$(grep -c . <<<"$rows")" = ${expected}`,
      deadlineSeconds: timeouts.services.slowReady.seconds,
    },
  ]
}

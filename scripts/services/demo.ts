/** Everyday use: a project with its own user, who is no admin, and quotas that fit the lab. */

import { urlOf } from '../declaration/endpoints.ts'
import { demoName, type Lab } from '../declaration/lab.ts'
import type { Secrets } from '../declaration/secret-names.ts'
import { profileOf, serviceNames } from '../declaration/service-profiles.ts'
import type { Readiness, ServiceDefinition, Step } from '../engine/service.ts'
import { asAdmin, tokenRequest } from './admin-request.ts'

export const demo: ServiceDefinition = (lab, secrets) => ({
  name: 'demo',
  needs: ['nova', 'neutron', ...(lab.services.cinder ? (['cinder'] as const) : [])],
  account: {
    user: demoName,
    password: secrets.demo_password,
    // In Keystone it implies `reader`.
    roles: ['member', ...serviceNames.flatMap((name) => (lab.services[name] && profileOf(name).userRoles) || [])],
    project: { name: demoName, description: 'For everyday use' },
  },
  parts: [
    {
      on: 'controller',
      packages: [],
      files: [],
      setup: quotas(lab).map((quota) => quotaStep(lab, secrets, quota)),
      units: [],
    },
  ],
  ready: [signsIn(lab, secrets)],
})

/** The quotas of one service for the project. */
interface Quota {
  service: 'nova' | 'cinder'
  /** The database with the table `quotas`, and the condition for its relevant rows. */
  database: string
  rows: string
  /** The API's URL, up to the project. */
  url: string
  limits: Readonly<Record<string, number>>
}

function quotas(lab: Lab): Quota[] {
  const { instances, cores, ramMiB, volumes, volumeGiB } = lab.cloud.demoQuota
  const nova: Quota = {
    service: 'nova',
    database: 'nova_api',
    rows: '1',
    url: `${urlOf(lab, 'nova')}/v2.1/os-quota-sets`,
    limits: { cores, instances, ram: ramMiB },
  }
  const backups = { backup_gigabytes: volumeGiB, backups: volumes }
  const cinder: Quota = {
    service: 'cinder',
    database: 'cinder',
    rows: 'deleted = 0',
    url: `${urlOf(lab, 'cinder')}/v3/os-quota-sets`,
    limits: { gigabytes: volumeGiB, snapshots: volumes, volumes, ...(lab.volumeBackup ? backups : {}) },
  }
  return lab.services.cinder ? [nova, cinder] : [nova]
}

/** Read from the database, which needs no token; set through the API, which checks the values. */
function quotaStep(lab: Lab, secrets: Secrets, { service, database, rows, url, limits }: Quota): Step {
  const names = Object.keys(limits).sort()
  const list = names.map((name) => `'${name}'`).join(', ')
  const wanted = names.map((name) => `${name} ${limits[name]}`).join(' ')
  const project = `project=$(mariadb -N -B keystone -e "SELECT id FROM project WHERE name = '${demoName}' AND domain_id = 'default'")`
  return {
    name: `limits of project ${demoName} in ${service}`,
    unless: `${project}
found=$(mariadb -N -B ${database} -e "SELECT resource, hard_limit FROM quotas WHERE project_id = '$project' AND ${rows} AND resource IN (${list}) ORDER BY BINARY resource")
test "$(echo $found)" = '${wanted}'`,
    run: `${asAdmin(lab, secrets)}${project}
as_admin -X PUT -o /dev/null -d '${JSON.stringify({ quota_set: limits })}' "${url}/$project"`,
  }
}

/** What the user does first; it needs user, password, project and role. */
function signsIn(lab: Lab, secrets: Secrets): Readiness {
  const request = tokenRequest(demoName, secrets.demo_password, demoName)
  return {
    what: `user ${demoName} signs in to project ${demoName}`,
    on: 'controller',
    command: `curl -sS -f -o /dev/null -H 'Content-Type: application/json' -d @- ${urlOf(lab, 'keystone')}/v3/auth/tokens <<< '${request}'`,
  }
}

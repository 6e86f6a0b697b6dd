/** bash that calls an API as the admin, for what the services' own tools cannot do. */

import { urlOf } from '../declaration/endpoints.ts'
import type { Lab } from '../declaration/lab.ts'
import type { Secrets } from '../declaration/secret-names.ts'
import { scaled, timeouts } from '../run/timeouts.ts'

/** The body that requests an admin token for the project admin. It holds the password: pass it over stdin only. */
export function adminTokenRequest(secrets: Secrets): string {
  return tokenRequest('admin', secrets.admin_password, 'admin')
}

/** The same for any user of the default domain, in any project. */
export function tokenRequest(name: string, password: string, project: string): string {
  const domain = { name: 'Default' }
  const user = { name, domain, password }
  const scope = { project: { name: project, domain } }
  return JSON.stringify({ auth: { identity: { methods: ['password'], password: { user } }, scope } })
}

/**
 * Defines the function `as_admin`, a curl with the admin's token. Password and token reach curl through files and
 * pipes, because every user of the node could read an argument. Waits a while for a service that is just starting.
 */
export function asAdmin(lab: Lab, secrets: Secrets): string {
  const seconds = scaled(lab, timeouts.openstack.admin)
  return `
patient=(curl -sf --retry ${seconds} --retry-delay 1 --retry-max-time ${seconds} --retry-connrefused -H 'Content-Type: application/json')
token=$("\${patient[@]}" -o /dev/null -D - -d @- ${urlOf(lab, 'keystone')}/v3/auth/tokens <<< '${adminTokenRequest(secrets)}' |
  sed -nE 's/^x-subject-token: ([^[:space:]]+).*/\\1/ip')
as_admin() { "\${patient[@]}" -H @<(printf 'X-Auth-Token: %s\\n' "$token") "$@"; }
`.trimStart()
}

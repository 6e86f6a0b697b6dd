/** bash that asks an API as the admin, for what the services' own tools cannot do. */

import { urlOf } from '../declaration/endpoints.ts'
import type { Lab } from '../declaration/lab.ts'
import type { Secrets } from '../declaration/secret-names.ts'
import { scaled, timeouts } from '../run/timeouts.ts'

/** The body that asks Keystone for a token of the admin in the project admin. Holds the password: for stdin only. */
export function adminTokenRequest(secrets: Secrets): string {
  return tokenRequest('admin', secrets.admin_password, 'admin')
}

/** The same of any user of the default domain, in a project. */
export function tokenRequest(name: string, password: string, project: string): string {
  const domain = { name: 'Default' }
  const user = { name, domain, password }
  const scope = { project: { name: project, domain } }
  return JSON.stringify({ auth: { identity: { methods: ['password'], password: { user } }, scope } })
}

/**
 * Defines the function `as_admin`, a curl with the admin's token. Password and token reach curl through files and
 * pipes: an argument could be read by every user of the node. A service that is just starting is given time.
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

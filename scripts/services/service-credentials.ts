/** How a service logs in to Keystone: the keys that keystoneauth reads, in every section with credentials. */

import { urlOf } from '../declaration/endpoints.ts'
import type { Lab } from '../declaration/lab.ts'

/**
 * `admin` for its work; `service` because Cinder 21.3 detaches a volume only for a token with that role, and otherwise
 * every volume stays in use after its server is deleted.
 */
export const serviceRoles = ['admin', 'service'] as const

/**
 * Every key is written, because the packages' defaults (region `regionOne` with a small r, the user `admin`, addresses
 * of the machine that built the package) fail without a clear error.
 */
export function serviceCredentials(lab: Lab, username: string, password: string) {
  return {
    auth_type: 'password',
    auth_url: urlOf(lab, 'keystone'),
    project_domain_name: 'Default',
    user_domain_name: 'Default',
    project_name: 'service',
    username,
    password,
    region_name: lab.region,
  }
}

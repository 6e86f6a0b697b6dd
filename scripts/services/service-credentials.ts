/** How a service logs in to Keystone: the keys that keystoneauth reads, in every section that holds credentials. */

import { urlOf } from '../declaration/endpoints.ts'
import type { Lab } from '../declaration/lab.ts'

/**
 * `admin` to do its work; `service` because Cinder 21.3 detaches a volume only for a token with that role, and without
 * it every volume stays in use after its server is gone.
 */
export const serviceRoles = ['admin', 'service'] as const

/**
 * Every key is written out: the packages' own defaults are region `regionOne` (small r), the user `admin` and addresses
 * of the machine on which the package was built, and each of them fails quietly.
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

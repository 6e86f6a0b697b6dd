/** The section [keystone_authtoken]: how an API checks the tokens of its callers. */

import type { Lab } from '../declaration/lab.ts'
import { socketOf, urlOf } from './endpoints.ts'
import { serviceCredentials } from './service-credentials.ts'

export function keystoneAuthtoken(lab: Lab, username: string, password: string) {
  return {
    www_authenticate_uri: urlOf(lab, 'keystone'),
    memcached_servers: socketOf(lab, 'memcached'),
    // Else anybody's token counts as a service's, and every service logs a warning about it.
    service_token_roles: 'service',
    service_token_roles_required: true,
    ...serviceCredentials(lab, username, password),
  }
}

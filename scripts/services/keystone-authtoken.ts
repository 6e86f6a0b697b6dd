/** The section [keystone_authtoken]: how an API checks the tokens of its callers. */

import { socketOf, urlOf } from '../declaration/endpoints.ts'
import type { Lab } from '../declaration/lab.ts'
import { profileOf, type ServiceName } from '../declaration/service-profiles.ts'
import { serviceCredentials } from './service-credentials.ts'

/** The service's own type in the catalog. */
export function typeOf(service: ServiceName): string {
  const [entry] = profileOf(service).catalog ?? []
  if (!entry) throw new Error(`${service} has no entry in the catalog`)
  return entry.type
}

export function keystoneAuthtoken(lab: Lab, service: ServiceName, password: string) {
  return {
    // An application credential with access rules identifies services by this; without it all its requests are refused.
    service_type: typeOf(service),
    www_authenticate_uri: urlOf(lab, 'keystone'),
    memcached_servers: socketOf(lab, 'memcached'),
    // Otherwise any user's token counts as a service's, and every service logs a warning about it.
    service_token_roles: 'service',
    service_token_roles_required: true,
    ...serviceCredentials(lab, service, password),
  }
}

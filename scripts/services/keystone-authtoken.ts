/** The section [keystone_authtoken]: how an API checks the tokens of its callers. */

import { socketOf, urlOf } from '../declaration/endpoints.ts'
import type { Lab } from '../declaration/lab.ts'
import { serviceCredentials } from './service-credentials.ts'

/** Catalog types of the services whose APIs check tokens, by the name of service and user. */
export const serviceTypes = {
  glance: 'image',
  placement: 'placement',
  nova: 'compute',
  neutron: 'network',
  cinder: 'volumev3',
} as const

export function keystoneAuthtoken(lab: Lab, service: keyof typeof serviceTypes, password: string) {
  return {
    // An application credential with access rules names services by these; without it all of its requests are refused.
    service_type: serviceTypes[service],
    www_authenticate_uri: urlOf(lab, 'keystone'),
    memcached_servers: socketOf(lab, 'memcached'),
    // Else anybody's token counts as a service's, and every service logs a warning about it.
    service_token_roles: 'service',
    service_token_roles_required: true,
    ...serviceCredentials(lab, service, password),
  }
}

/** The URL by which a service reaches the message broker. */

import { socketOf } from '../declaration/endpoints.ts'
import type { Lab } from '../declaration/lab.ts'
import type { Secrets } from '../declaration/secret-names.ts'

/** The broker's only user, shared by all services. */
export const brokerUser = 'openstack'

export function transportUrl(lab: Lab, secrets: Secrets): string {
  return `rabbit://${brokerUser}:${secrets.rabbitmq_password}@${socketOf(lab, 'rabbitmq')}/`
}

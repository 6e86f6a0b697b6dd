/** The digest that represents a service in Terraform's state: it changes with every byte of the service's data. */

import { createHmac } from 'node:crypto'
import { type Lab, nodesWith } from '../declaration/lab.ts'
import type { Secrets } from '../declaration/secret-names.ts'
import type { Service } from './service.ts'

/**
 * Includes the names of the nodes on which it has a part: an added node needs it too. Keyed, because the data holds
 * passwords: without the key nobody can test guesses against the state file.
 */
export function serviceDigest(service: Service, lab: Lab, secrets: Pick<Secrets, 'digest_key'>): string {
  const nodes = service.parts.map(({ on }) => nodesWith(lab, on).map(({ name }) => name))
  return createHmac('sha256', secrets.digest_key)
    .update(JSON.stringify([service, nodes]))
    .digest('hex')
}

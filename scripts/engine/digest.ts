/** The digest that stands for a service in Terraform's state: it changes with every byte of the service's data. */

import { createHmac } from 'node:crypto'
import type { Secrets } from '../declaration/secret-names.ts'
import type { Service } from './service.ts'

/** Keyed, because the data holds passwords: without the key nobody can try out guesses against the state file. */
export function serviceDigest(service: Service, secrets: Pick<Secrets, 'digest_key'>): string {
  return createHmac('sha256', secrets.digest_key).update(JSON.stringify(service)).digest('hex')
}

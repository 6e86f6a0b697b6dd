/** What a service has in Keystone: users and catalog entries, including Keystone's own, which its bootstrap creates. */

import type { Lab } from '../declaration/lab.ts'
import { entriesOf } from '../engine/catalog.ts'
import type { CatalogEntry, Service } from '../engine/service.ts'
import { keystoneEntry } from './keystone.ts'

export interface Registered {
  users: string[]
  entries: CatalogEntry[]
}

export function registeredOf({ name, identity }: Pick<Service, 'name' | 'identity'>, lab: Lab): Registered {
  if (name === 'keystone') return { users: ['admin'], entries: [keystoneEntry(lab)] }
  if (!identity) return { users: [], entries: [] }
  const { user, domain } = identity
  return { users: [user, ...(domain ? [domain.admin.user] : [])], entries: entriesOf(identity) }
}

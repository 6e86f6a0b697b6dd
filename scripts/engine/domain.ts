/** A service's own Keystone domain, and its admin user. */

import type { IdentityClient } from '../cloud/identity-client.ts'
import { findFaultsOfUser } from './account.ts'
import { type Fault, fault, type Listing, missing } from './listing.ts'
import type { Domain } from './service.ts'

export function findDomainFaults({ name, description }: Domain, { domains }: Listing, client: IdentityClient): Fault[] {
  const found = domains.find((one) => one.name === name)
  const domain = { name, description, enabled: true }
  if (!found) return [missing('domain', name, () => client.request('POST', '/domains', { domain }, [409]))]
  if (found.enabled !== false) return []
  const repair = () => client.request('PATCH', `/domains/${found.id}`, { domain: { enabled: true } })
  return [fault('domain', name, 'is disabled', repair)]
}

export function findDomainAdminFaults(
  { name, admin }: Domain,
  listing: Listing,
  client: IdentityClient,
): Promise<Fault[]> {
  const id = listing.domains.find((one) => one.name === name)?.id
  const place = { domain: id ?? '', scope: id ? { domain: { id } } : {} }
  return findFaultsOfUser({ ...admin, roles: ['admin'] }, place, listing, client)
}

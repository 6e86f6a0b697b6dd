/** A service's entry in Keystone's catalog and its three endpoints. Keystone allows duplicates; they are removed. */

import type { IdentityClient } from '../cloud/identity-client.ts'
import { type CatalogService, type Endpoint, type Fault, fault, type Listing, missing, unwanted } from './listing.ts'
import type { CatalogEntry, Identity } from './service.ts'

/** What identifies an entry. */
export type EntryKey = Omit<CatalogEntry, 'url'>

/** All entries of a service: its own, and those of its additional APIs. */
export function entriesOf({ type, name, description, url, furtherEntries = [] }: Identity): CatalogEntry[] {
  return [{ type, name, description, url }, ...furtherEntries]
}

export const endpointInterfaces = ['public', 'internal', 'admin'] as const

const doubled = 'is there more than once'

/** Deleting a duplicate deletes its endpoints too. */
export function findServiceFaults(entry: EntryKey, listing: Listing, client: IdentityClient): Fault[] {
  const { type, name, description } = entry
  const [service, ...doubles] = ownEntries(entry, listing.services)
  if (!service) {
    const body = { service: { type, name, description, enabled: true } }
    return [missing('service', type, () => client.request('POST', '/services', body, [409]))]
  }
  const faults = doubles.map(({ id }) =>
    fault('service', type, doubled, () => client.request('DELETE', `/services/${id}`, undefined, [404])),
  )
  if (service.name !== name || service.description !== description) {
    const repair = () => client.request('PATCH', `/services/${service.id}`, { service: { name, description } })
    faults.push(fault('service', type, `is named ${service.name} (${service.description})`, repair))
  }
  return faults
}

/** A disabled service has no entry: clients and the dashboard would go on calling it. */
export function findUnwantedEntries(entry: EntryKey, listing: Listing, client: IdentityClient): Fault[] {
  return ownEntries(entry, listing.services).map(({ id }) =>
    unwanted('service', entry.type, 'is in the catalog', () =>
      client.request('DELETE', `/services/${id}`, undefined, [404]),
    ),
  )
}

/** One per interface in the region, with the declared URL. */
export function findEndpointFaults(
  entry: CatalogEntry,
  listing: Listing,
  client: IdentityClient,
  region: string,
): Fault[] {
  const [service] = ownEntries(entry, listing.services)
  return endpointInterfaces.flatMap((kind) => {
    const name = `${entry.type} ${kind}`
    const found = service ? endpointsOf(service, kind, region, entry.url, listing) : []
    const [kept, ...doubles] = found
    if (!kept) {
      // `region`, not `region_id`: Keystone then creates a missing region.
      const endpoint = { service_id: service?.id, interface: kind, region, url: entry.url }
      return [missing('endpoint', name, () => client.request('POST', '/endpoints', { endpoint }, [409]))]
    }
    const faults = doubles.map(({ id }) =>
      fault('endpoint', name, doubled, () => client.request('DELETE', `/endpoints/${id}`, undefined, [404])),
    )
    if (kept.url !== entry.url) {
      const repair = () => client.request('PATCH', `/endpoints/${kept.id}`, { endpoint: { url: entry.url } })
      faults.push(fault('endpoint', name, `is ${kept.url}, not ${entry.url}`, repair))
    }
    return faults
  })
}

/**
 * The lab's own among the entries of its type, found by name, or by description if it was renamed. All others are a
 * user's. The first one is kept, the same in every run.
 */
export function ownEntries({ type, name, description }: EntryKey, services: readonly CatalogService[]) {
  const ofType = services.filter((one) => one.type === type).sort((a, b) => a.id.localeCompare(b.id))
  const named = ofType.filter((one) => one.name === name)
  return named.length > 0 ? named : ofType.filter((one) => one.description === description).slice(0, 1)
}

function endpointsOf(service: CatalogService, kind: string, region: string, url: string, listing: Listing): Endpoint[] {
  const rank = (one: Endpoint) => `${one.url === url ? 0 : 1}${one.id}`
  return listing.endpoints
    .filter((one) => one.service_id === service.id && one.interface === kind && one.region_id === region)
    .sort((a, b) => rank(a).localeCompare(rank(b)))
}

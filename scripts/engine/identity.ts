/** A service's objects in Keystone: users with projects and roles, catalog entries with three endpoints. */

import type { IdentityClient } from '../cloud/identity-client.ts'
import { CommandError } from '../declaration/errors.ts'
import { findProjectFaults, findRoleFaults, findUnwantedUsers, findUserFaults } from './account.ts'
import { entriesOf, findEndpointFaults, findServiceFaults, findUnwantedEntries } from './catalog.ts'
import { findDomainAdminFaults, findDomainFaults } from './domain.ts'
import { type Fault, type Listing, readListing } from './listing.ts'
import type { Change } from './operation.ts'
import type { Account, Domain, Identity, Service } from './service.ts'

export interface IdentitySettings {
  region: string
  /** Copied into the changes. */
  node: string
  looks: readonly Look[]
  onChange?: (change: Change) => void
}

/** Finds faults that can be repaired now; those that depend on an object not created yet are found by the next look. */
export type Look = (listing: Listing, client: IdentityClient, region: string) => Promise<Fault[]> | Fault[]

/** What a service has in Keystone; a service with nothing there has no looks. */
type Registered = Pick<Service, 'identity' | 'account'>

/** In this order: each look depends on what the earlier ones created. */
export function presentLooks({ identity, account }: Registered): Look[] {
  return [...(account ? accountLooks(account) : []), ...(identity ? identityLooks(identity) : [])]
}

/** For a disabled service. A service's user stays, as its databases do; a person's is disabled. */
export function absentLooks({ identity, account }: Registered): Look[] {
  return [
    ...(account ? [(listing: Listing, client: IdentityClient) => findUnwantedUsers(account, listing, client)] : []),
    ...(identity ? entriesOf(identity) : []).map(
      (entry): Look =>
        (listing, client) =>
          findUnwantedEntries(entry, listing, client),
    ),
  ]
}

const accountLooks = (account: Account): Look[] => [
  (listing, client) => findProjectFaults(account, listing, client),
  (listing, client) => findUserFaults(account, listing, client),
]

function identityLooks(identity: Identity): Look[] {
  const { user, password, roles, rolesToGive, domain } = identity
  const project = { name: 'service', description: 'Users of the OpenStack services' }
  return [
    ...accountLooks({ user, password, roles, project }),
    ...(rolesToGive
      ? [(listing: Listing, client: IdentityClient) => findRoleFaults(rolesToGive, listing, client)]
      : []),
    ...(domain ? domainLooks(domain) : []),
    ...entriesOf(identity).flatMap((entry): Look[] => [
      (listing, client) => findServiceFaults(entry, listing, client),
      (listing, client, region) => findEndpointFaults(entry, listing, client, region),
    ]),
  ]
}

const domainLooks = (domain: Domain): Look[] => [
  (listing, client) => findDomainFaults(domain, listing, client),
  (listing, client) => findDomainAdminFaults(domain, listing, client),
]

/** How Keystone differs from the declaration; changes nothing. */
export async function compareIdentity(
  client: IdentityClient,
  listing: Listing,
  { region, looks }: Pick<IdentitySettings, 'region' | 'looks'>,
) {
  const faults = await Promise.all(looks.map((look) => look(listing, client, region)))
  return faults.flat()
}

/** Brings Keystone to the declared state, one look after the other, and returns what was changed. */
export async function ensureIdentity(client: IdentityClient, settings: IdentitySettings) {
  const changes: Change[] = []
  let listing = await readListing(client)
  for (const look of settings.looks) {
    // A repair may make further faults visible (a user's roles), hence more than one round.
    for (let round = 0; ; round++) {
      const faults = await look(listing, client, settings.region)
      if (faults.length === 0) break
      if (round === 4) throw stillWrong(faults[0]!, settings.node)
      for (const { repair, ...difference } of faults) {
        await repair()
        const change = { node: settings.node, ...difference }
        changes.push(change)
        settings.onChange?.(change)
      }
      listing = await readListing(client)
    }
  }
  return changes
}

function stillWrong({ title, reason }: Fault, node: string): CommandError {
  const output = `put right several times, but it still ${reason}`
  return new CommandError({ node, step: title, paste: './lab openstack catalog list', exitCode: 1, output })
}

/** A service's place in Keystone: its user with roles, its catalog entry and three endpoints; made or put right. */

import { CommandError } from '../errors.ts'
import { findEndpointFaults, findServiceFaults, findUnwantedEntries } from './catalog.ts'
import type { IdentityClient } from './identity-client.ts'
import { type Fault, type Listing, missing, readListing } from './listing.ts'
import type { Change } from './operation.ts'
import type { Identity } from './service.ts'
import { findUserFaults } from './service-user.ts'

export interface IdentitySettings {
  region: string
  /** Carried into the changes. */
  node: string
  looks: readonly Look[]
  onChange?: (change: Change) => void
}

/** Faults that can be repaired now; what depends on an object that is still to be made is found in the next look. */
export type Look = (
  identity: Identity,
  listing: Listing,
  client: IdentityClient,
  region: string,
) => Promise<Fault[]> | Fault[]
export const presentLooks: readonly Look[] = [findCommonFaults, findUserFaults, findServiceFaults, findEndpointFaults]

/** For a service that is switched off. Its user stays, as its databases do. */
export const absentLooks: readonly Look[] = [findUnwantedEntries]

/** What differs from the declaration; nothing is changed. */
export async function compareIdentity(
  identity: Identity,
  client: IdentityClient,
  listing: Listing,
  { region, looks }: Pick<IdentitySettings, 'region' | 'looks'>,
) {
  const faults = await Promise.all(looks.map((look) => look(identity, listing, client, region)))
  return faults.flat()
}

/** Makes Keystone hold what is declared, one look after the other, and gives what had to be changed. */
export async function ensureIdentity(identity: Identity, client: IdentityClient, settings: IdentitySettings) {
  const changes: Change[] = []
  let listing = await readListing(client)
  for (const look of settings.looks) {
    // A look may find what its own repairs only just made possible (a user's roles), hence more than one round.
    for (let round = 0; ; round++) {
      const faults = await look(identity, listing, client, settings.region)
      if (faults.length === 0) break
      if (round === 4) throw stillWrong(faults[0]!, settings.node)
      for (const { title, reason, repair } of faults) {
        await repair()
        const change = { node: settings.node, title, reason }
        changes.push(change)
        settings.onChange?.(change)
      }
      listing = await readListing(client)
    }
  }
  return changes
}

/** Shared by all services. Several of them may be made at this moment: 409 says that another one was first. */
function findCommonFaults(identity: Identity, { projects, roles }: Listing, client: IdentityClient): Fault[] {
  const project = { name: 'service', domain_id: 'default', description: 'Users of the OpenStack services' }
  const wanted = [...new Set(['admin', 'member', 'reader', 'service', ...identity.roles])]
  return [
    ...(projects.some(({ name }) => name === 'service')
      ? []
      : [missing('project service', () => client.request('POST', '/projects', { project }, [409]))]),
    ...wanted
      .filter((name) => !roles.some((role) => role.name === name))
      .map((name) => missing(`role ${name}`, () => client.request('POST', '/roles', { role: { name } }, [409]))),
  ]
}

function stillWrong({ title, reason }: Fault, node: string): CommandError {
  const output = `put right several times, but it still ${reason}`
  return new CommandError({ node, step: title, paste: './lab openstack catalog list', exitCode: 1, output })
}

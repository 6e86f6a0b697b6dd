/** What Keystone holds of the objects that the engine manages, as its REST API returns them. */

import type { IdentityClient } from '../cloud/identity-client.ts'
import type { Difference, Kind } from './operation.ts'

export interface Named {
  id: string
  name: string
}
export interface Assignment {
  role: { id: string }
  user?: { id: string }
  scope: { project?: { id: string }; domain?: { id: string } }
}
export interface CatalogService extends Named {
  type: string
  description?: string
}
export interface Endpoint {
  id: string
  service_id: string
  interface: string
  region_id: string
  url: string
}

/** Everything in Keystone that the engine manages; one listing serves every service of a dry run. */
export interface Listing {
  domains: (Named & { enabled?: boolean })[]
  /** Of the default domain. */
  projects: (Named & { enabled?: boolean })[]
  /** Of all domains. */
  users: (Named & { enabled: boolean; domain_id: string })[]
  roles: Named[]
  assignments: Assignment[]
  services: CatalogService[]
  endpoints: Endpoint[]
}

export async function readListing(client: IdentityClient): Promise<Listing> {
  const list = async (path: string, key: string) => (await client.request('GET', path))[key] as never
  const [domains, projects, users, roles, assignments, services, endpoints] = await Promise.all([
    list('/domains', 'domains'),
    list('/projects?domain_id=default', 'projects'),
    list('/users', 'users'),
    list('/roles', 'roles'),
    list('/role_assignments', 'role_assignments'),
    list('/services', 'services'),
    list('/endpoints', 'endpoints'),
  ])
  return { domains, projects, users, roles, assignments, services, endpoints }
}

/** Something in Keystone that differs from the declaration, and how to repair it. */
export interface Fault extends Difference {
  repair: () => Promise<unknown>
}

export function fault(kind: Kind, name: string, reason: string, repair: Fault['repair']): Fault {
  return { phase: 'identity', kind, title: `keystone ${kind} ${name}`, reason, repair }
}

export const missing = (kind: Kind, name: string, repair: Fault['repair']) => fault(kind, name, 'is missing', repair)

/** A fault for something that should not exist. */
export const unwanted = (kind: Kind, name: string, reason: string, repair: Fault['repair']): Fault => ({
  ...fault(kind, name, reason, repair),
  title: `keystone no ${kind} ${name}`,
})

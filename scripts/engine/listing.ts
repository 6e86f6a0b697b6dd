/** What Keystone holds of the things that the engine looks after, as its REST API gives them. */

import type { IdentityClient } from '../cloud/identity-client.ts'

export interface Named {
  id: string
  name: string
}
export interface Assignment {
  role: { id: string }
  user?: { id: string }
  scope: { project?: { id: string } }
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

/** All that Keystone holds of what the engine looks after; one listing serves every service of a dry run. */
export interface Listing {
  projects: (Named & { enabled?: boolean })[]
  users: (Named & { enabled: boolean })[]
  roles: Named[]
  assignments: Assignment[]
  services: CatalogService[]
  endpoints: Endpoint[]
}

export async function readListing(client: IdentityClient): Promise<Listing> {
  const list = async (path: string, key: string) => (await client.request('GET', path))[key] as never
  const [projects, users, roles, assignments, services, endpoints] = await Promise.all([
    list('/projects?domain_id=default', 'projects'),
    list('/users?domain_id=default', 'users'),
    list('/roles', 'roles'),
    list('/role_assignments', 'role_assignments'),
    list('/services', 'services'),
    list('/endpoints', 'endpoints'),
  ])
  return { projects, users, roles, assignments, services, endpoints }
}

/** Something in Keystone that is not as declared, and how it is put right. */
export interface Fault {
  title: string
  reason: string
  repair: () => Promise<unknown>
}

export function missing(title: string, repair: Fault['repair']): Fault {
  return { title: `keystone ${title}`, reason: 'is missing', repair }
}

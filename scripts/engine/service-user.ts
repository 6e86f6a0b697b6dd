/** The Keystone user that a service works as: there, enabled, with the password and the roles that are declared. */

import type { IdentityClient } from './identity-client.ts'
import { type Fault, type Listing, missing } from './listing.ts'
import type { Identity } from './service.ts'

export async function findUserFaults(identity: Identity, listing: Listing, client: IdentityClient): Promise<Fault[]> {
  const title = `user ${identity.user}`
  const user = listing.users.find(({ name }) => name === identity.user)
  if (!user) return [missing(title, () => createUser(identity, client))]
  const update = (changes: object) => () => client.request('PATCH', `/users/${user.id}`, { user: changes })
  if (!user.enabled) return [{ title: `keystone ${title}`, reason: 'is disabled', repair: update({ enabled: true }) }]
  const faults = findRoleFaults(identity, user.id, listing, client)
  // Keystone does not show passwords: that it is right is found out by logging in with it.
  if (!(await client.logsIn(identity.user, identity.password))) {
    const reason = 'cannot log in with the password of this lab'
    faults.push({ title: `keystone ${title}`, reason, repair: update({ password: identity.password }) })
  }
  return faults
}

function createUser({ user, password }: Identity, client: IdentityClient) {
  const body = { user: { name: user, password, domain_id: 'default', enabled: true } }
  return client.request('POST', '/users', body, [409])
}

function findRoleFaults(identity: Identity, user: string, listing: Listing, client: IdentityClient): Fault[] {
  const project = listing.projects.find(({ name }) => name === 'service')
  return identity.roles.flatMap((name) => {
    const role = listing.roles.find((one) => one.name === name)
    const given = listing.assignments.some(
      (one) => one.role.id === role?.id && one.user?.id === user && one.scope.project?.id === project?.id,
    )
    if (given && role && project) return []
    const path = `/projects/${project?.id}/users/${user}/roles/${role?.id}`
    return [missing(`role ${name} of ${identity.user}`, () => client.request('PUT', path))]
  })
}

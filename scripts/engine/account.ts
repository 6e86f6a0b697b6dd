/** A Keystone user and its project: there, enabled, with the password and the roles that are declared. */

import type { IdentityClient } from '../cloud/identity-client.ts'
import { type Fault, fault, type Listing, missing, unwanted } from './listing.ts'
import type { Account } from './service.ts'

/** Projects and roles are shared. Several services may be made at this moment: 409 says that another one was first. */
export function findProjectFaults(account: Account, { projects, roles }: Listing, client: IdentityClient): Fault[] {
  const { name, description } = account.project
  const wanted = [...new Set(['admin', 'member', 'reader', 'service', ...account.roles])]
  return [
    ...findProjectFault(name, description, projects, client),
    ...wanted
      .filter((role) => !roles.some((one) => one.name === role))
      .map((role) => missing('role', role, () => client.request('POST', '/roles', { role: { name: role } }, [409]))),
  ]
}

function findProjectFault(name: string, description: string, projects: Listing['projects'], client: IdentityClient) {
  const found = projects.find((one) => one.name === name)
  const project = { name, domain_id: 'default', description }
  if (!found) return [missing('project', name, () => client.request('POST', '/projects', { project }, [409]))]
  if (found.enabled !== false) return []
  const repair = () => client.request('PATCH', `/projects/${found.id}`, { project: { enabled: true } })
  return [fault('project', name, 'is disabled', repair)]
}

export async function findUserFaults(account: Account, listing: Listing, client: IdentityClient): Promise<Fault[]> {
  const user = listing.users.find(({ name }) => name === account.user)
  if (!user) return [missing('user', account.user, () => createUser(account, client))]
  const update = (changes: object) => () => client.request('PATCH', `/users/${user.id}`, { user: changes })
  if (!user.enabled) return [fault('user', account.user, 'is disabled', update({ enabled: true }))]
  const faults = findRoleFaults(account, user.id, listing, client)
  // Keystone does not show passwords: that it is right is found out by logging in with it.
  if (!(await client.logsIn(account.user, account.password))) {
    const reason = 'cannot log in with the password of this lab'
    faults.push(fault('user', account.user, reason, update({ password: account.password })))
  }
  return faults
}

/** What it owns stays; nobody can log in any more. */
export function findUnwantedUsers(account: Account, { users }: Listing, client: IdentityClient): Fault[] {
  return users
    .filter(({ name, enabled }) => name === account.user && enabled)
    .map(({ id }) =>
      unwanted('user', account.user, 'can log in', () =>
        client.request('PATCH', `/users/${id}`, { user: { enabled: false } }),
      ),
    )
}

function createUser({ user, password }: Account, client: IdentityClient) {
  const body = { user: { name: user, password, domain_id: 'default', enabled: true } }
  return client.request('POST', '/users', body, [409])
}

function findRoleFaults(account: Account, user: string, listing: Listing, client: IdentityClient): Fault[] {
  const project = listing.projects.find(({ name }) => name === account.project.name)
  return account.roles.flatMap((name) => {
    const role = listing.roles.find((one) => one.name === name)
    const given = listing.assignments.some(
      (one) => one.role.id === role?.id && one.user?.id === user && one.scope.project?.id === project?.id,
    )
    if (given && role && project) return []
    const path = `/projects/${project?.id}/users/${user}/roles/${role?.id}`
    return [missing('role', `${name} of ${account.user}`, () => client.request('PUT', path))]
  })
}

/** A Keystone user and its project: both exist and are enabled, with the declared password and roles. */

import type { IdentityClient } from '../cloud/identity-client.ts'
import { type Assignment, type Fault, fault, type Listing, missing, unwanted } from './listing.ts'
import type { Account } from './service.ts'

type Login = Pick<Account, 'user' | 'password' | 'roles'>

/** Projects and roles are shared. Other services may be created at this moment: 409 says that one of them was first. */
export function findProjectFaults(account: Account, listing: Listing, client: IdentityClient): Fault[] {
  const { name, description } = account.project
  return [
    ...findProjectFault(name, description, listing.projects, client),
    ...findRoleFaults(['admin', 'member', 'reader', 'service', ...account.roles], listing, client),
  ]
}

export function findRoleFaults(names: readonly string[], { roles }: Listing, client: IdentityClient): Fault[] {
  return [...new Set(names)]
    .filter((role) => !roles.some((one) => one.name === role))
    .map((role) => missing('role', role, () => client.request('POST', '/roles', { role: { name: role } }, [409])))
}

function findProjectFault(name: string, description: string, projects: Listing['projects'], client: IdentityClient) {
  const found = projects.find((one) => one.name === name)
  const project = { name, domain_id: 'default', description }
  if (!found) return [missing('project', name, () => client.request('POST', '/projects', { project }, [409]))]
  if (found.enabled !== false) return []
  const repair = () => client.request('PATCH', `/projects/${found.id}`, { project: { enabled: true } })
  return [fault('project', name, 'is disabled', repair)]
}

export function findUserFaults(account: Account, listing: Listing, client: IdentityClient): Promise<Fault[]> {
  const id = listing.projects.find(({ name }) => name === account.project.name)?.id
  const place = { domain: 'default', scope: id ? { project: { id } } : {} }
  return findFaultsOfUser(account, place, listing, client)
}

/** Where a user belongs, and where it has its roles. */
interface Place {
  domain: string
  /** Empty if it does not exist yet. */
  scope: Assignment['scope']
}

/** For a user in any domain, with roles in a project or in a domain. */
export async function findFaultsOfUser(login: Login, place: Place, listing: Listing, client: IdentityClient) {
  const user = listing.users.find(({ name, domain_id }) => name === login.user && domain_id === place.domain)
  if (!user) return [missing('user', login.user, () => createUser(login, place.domain, client))]
  const update = (changes: object) => () => client.request('PATCH', `/users/${user.id}`, { user: changes })
  if (!user.enabled) return [fault('user', login.user, 'is disabled', update({ enabled: true }))]
  const faults = findGrantFaults(login, user.id, place, listing, client)
  // Keystone does not show passwords: a login checks that it is right.
  if (!(await client.logsIn(login.user, login.password, place.domain))) {
    const reason = 'cannot log in with the password of this lab'
    faults.push(fault('user', login.user, reason, update({ password: login.password })))
  }
  return faults
}

/** What the user owns stays; nobody can log in any more. */
export function findUnwantedUsers(account: Account, { users }: Listing, client: IdentityClient): Fault[] {
  return users
    .filter(({ name, domain_id, enabled }) => name === account.user && domain_id === 'default' && enabled)
    .map(({ id }) =>
      unwanted('user', account.user, 'can log in', () =>
        client.request('PATCH', `/users/${id}`, { user: { enabled: false } }),
      ),
    )
}

function createUser({ user, password }: Login, domain: string, client: IdentityClient) {
  const body = { user: { name: user, password, domain_id: domain, enabled: true } }
  return client.request('POST', '/users', body, [409])
}

function findGrantFaults(login: Login, user: string, { scope }: Place, listing: Listing, client: IdentityClient) {
  const { project, domain } = scope
  return login.roles.flatMap((name) => {
    const role = listing.roles.find((one) => one.name === name)
    const given = listing.assignments.some(
      (one) =>
        one.role.id === role?.id &&
        one.user?.id === user &&
        one.scope.project?.id === project?.id &&
        one.scope.domain?.id === domain?.id,
    )
    if (given && role && (project ?? domain)) return []
    const place = domain ? `/domains/${domain.id}` : `/projects/${project?.id}`
    const grant = `${place}/users/${user}/roles/${role?.id}`
    return [missing('role', `${name} of ${login.user}`, () => client.request('PUT', grant))]
  })
}

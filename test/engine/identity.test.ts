/** A service's objects in Keystone, against a small Keystone over real HTTP; e2e uses the real one. */

import { afterEach, beforeEach, expect, test } from 'vitest'
import { absentLooks, compareIdentity, ensureIdentity, presentLooks } from '../../scripts/engine/identity.ts'
import { readListing } from '../../scripts/engine/listing.ts'
import type { Account, Identity } from '../../scripts/engine/service.ts'
import { type Keystone, openAsAdmin, startKeystone } from '../cloud/keystone-server.ts'

let keystone: Keystone
beforeEach(async () => {
  keystone = await startKeystone()
})
afterEach(() => keystone.stop())

const glance: Identity = {
  user: 'glance',
  password: 'glance-secret',
  roles: ['admin'],
  type: 'image',
  name: 'glance',
  description: 'OpenStack Image',
  url: 'http://10.0.0.11:9292',
}
const ensure = async (looks = presentLooks({ identity: glance })) => {
  const changes = await ensureIdentity(await openAsAdmin(keystone), { region: 'RegionOne', node: 'controller', looks })
  return changes.map(({ title, reason }) => `${title}: ${reason}`)
}
const compare = async (looks = presentLooks({ identity: glance })) => {
  const client = await openAsAdmin(keystone)
  const faults = await compareIdentity(client, await readListing(client), { region: 'RegionOne', looks })
  return faults.map(({ title, reason }) => `${title}: ${reason}`)
}
const endpoints = () => keystone.rows.endpoints.map((row) => `${row['interface']} ${row['region_id']} ${row['url']}`)

test('everything is created in an empty Keystone, and the second time nothing', async () => {
  expect(await ensure()).toEqual([
    'keystone project service: is missing',
    'keystone role service: is missing',
    'keystone user glance: is missing',
    'keystone role admin of glance: is missing',
    'keystone service image: is missing',
    'keystone endpoint image public: is missing',
    'keystone endpoint image internal: is missing',
    'keystone endpoint image admin: is missing',
  ])
  expect(endpoints()).toEqual(['public', 'internal', 'admin'].map((kind) => `${kind} RegionOne http://10.0.0.11:9292`))
  keystone.changes.length = 0
  expect(await ensure()).toEqual([])
  expect(await compare()).toEqual([])
  expect(keystone.changes).toEqual([])
})

test('a dry run says what differs and changes nothing', async () => {
  expect(await compare()).toContain('keystone user glance: is missing')
  expect(keystone.changes).toEqual([])
})

test('a wrong password is found by logging in and corrected', async () => {
  await ensure()
  keystone.rows.users.find(({ name }) => name === 'glance')!['password'] = 'other'
  const fault = ['keystone user glance: cannot log in with the password of this lab']
  expect(await compare()).toEqual(fault)
  expect(await ensure()).toEqual(fault)
  expect(await ensure()).toEqual([])
})

test('a disabled user, a lost role and a renamed service are corrected', async () => {
  await ensure()
  keystone.rows.users.find(({ name }) => name === 'glance')!['enabled'] = false
  keystone.rows.role_assignments.length = 0
  keystone.rows.services[0]!['name'] = 'images'
  expect(await ensure()).toEqual([
    'keystone user glance: is disabled',
    'keystone role admin of glance: is missing',
    'keystone service image: is named images (OpenStack Image)',
  ])
  expect(await ensure()).toEqual([])
})

test('duplicates are removed down to one and a wrong URL is corrected', async () => {
  await ensure()
  const { services, endpoints: rows } = keystone.rows
  services.push({ ...services[0]!, id: 'zz' })
  rows.push({ ...rows[0]!, id: 'zz' })
  rows[1]!['url'] = 'http://controller:9292'
  expect(await ensure()).toEqual([
    'keystone service image: is there more than once',
    'keystone endpoint image public: is there more than once',
    'keystone endpoint image internal: is http://controller:9292, not http://10.0.0.11:9292',
  ])
  expect(keystone.rows.services).toHaveLength(1)
  expect(keystone.changes).toContain('DELETE /services/zz')
  expect(endpoints()).toHaveLength(3)
})

test("a user's service of the same type is never touched, nor taken for the lab's own", async () => {
  const mine = { id: '0', type: 'image', name: 'mine', description: 'of a user', enabled: true }
  keystone.rows.services.push({ ...mine })
  expect(await ensure()).toContain('keystone service image: is missing')
  expect(await ensure()).toEqual([])
  expect(await ensure(absentLooks({ identity: glance }))).toEqual(['keystone no service image: is in the catalog'])
  expect(await ensure(absentLooks({ identity: glance }))).toEqual([])
  expect(keystone.rows.services).toEqual([mine])
})

test('a service that is switched off leaves the catalog, and its user stays', async () => {
  await ensure()
  expect(await ensure(absentLooks({ identity: glance }))).toEqual(['keystone no service image: is in the catalog'])
  expect(keystone.rows.services).toEqual([])
  expect(keystone.rows.users.map(({ name }) => name)).toContain('glance')
  expect(await ensure(absentLooks({ identity: glance }))).toEqual([])
})

const demo: Account = {
  user: 'demo',
  password: 'demo-secret',
  roles: ['member'],
  project: { name: 'demo', description: 'For people' },
}
const present = presentLooks({ account: demo })
const absent = absentLooks({ account: demo })

test('a project for people is created with its user and roles, without a catalog entry; the second time nothing changes', async () => {
  expect(await compare(present)).toContain('keystone project demo: is missing')
  expect(await ensure(present)).toEqual([
    'keystone project demo: is missing',
    'keystone role service: is missing',
    'keystone user demo: is missing',
    'keystone role member of demo: is missing',
  ])
  expect(keystone.rows.projects).toContainEqual(expect.objectContaining({ name: 'demo', description: 'For people' }))
  expect(keystone.rows.services).toEqual([])
  keystone.changes.length = 0
  expect(await ensure(present)).toEqual([])
  expect(keystone.changes).toEqual([])
})

test("a person's disabled project, lost role and changed password are corrected", async () => {
  await ensure(present)
  keystone.rows.projects.find(({ name }) => name === 'demo')!['enabled'] = false
  keystone.rows.users.find(({ name }) => name === 'demo')!['password'] = 'other'
  keystone.rows.role_assignments.length = 0
  const faults = [
    'keystone project demo: is disabled',
    'keystone role member of demo: is missing',
    'keystone user demo: cannot log in with the password of this lab',
  ]
  expect(await compare(present)).toEqual(faults)
  expect(await ensure(present)).toEqual(faults)
  expect(await ensure(present)).toEqual([])
})

test('switched off, the person cannot log in; switched on again, it can', async () => {
  await ensure(present)
  expect(await ensure(absent)).toEqual(['keystone no user demo: can log in'])
  expect(await compare(absent)).toEqual([])
  expect(keystone.rows.projects.map(({ name }) => name)).toContain('demo')
  expect(await ensure(present)).toEqual(['keystone user demo: is disabled'])
})

test('endpoints of another region are not touched', async () => {
  await ensure()
  keystone.rows.endpoints.push({
    ...keystone.rows.endpoints[0]!,
    id: 'other',
    region_id: 'RegionTwo',
    url: 'http://there',
  })
  expect(await ensure()).toEqual([])
})

test('another service that was faster (409) is not an error and leaves no duplicate', async () => {
  for (const kind of ['projects', 'roles', 'users', 'services', 'endpoints'] as const) {
    keystone.race = kind
    await ensure()
    expect(await ensure()).toEqual([])
  }
})

const heat: Identity = {
  ...{ user: 'heat', password: 'heat-secret', roles: ['admin'], rolesToGive: ['heat_stack_user'] },
  ...{ type: 'orchestration', name: 'heat', description: 'Stacks', url: 'http://10.0.0.11:8004' },
  furtherEntries: [{ type: 'cloudformation', name: 'heat-cfn', description: 'Signals', url: 'http://10.0.0.11:8000' }],
  domain: { name: 'heat', description: 'Of stacks', admin: { user: 'keeper', password: 'keeper-secret' } },
}
const ofHeat = presentLooks({ identity: heat })

test('a service with two APIs and a domain of its own has both in the catalog, its roles and its admin there', async () => {
  const faults = await compare(ofHeat)
  const made = await ensure(ofHeat)
  expect(made).toEqual(expect.arrayContaining(faults))
  expect(made.filter((title) => !/endpoint/.test(title)).slice(-6)).toEqual([
    'keystone role heat_stack_user: is missing',
    'keystone domain heat: is missing',
    'keystone user keeper: is missing',
    'keystone role admin of keeper: is missing',
    'keystone service orchestration: is missing',
    'keystone service cloudformation: is missing',
  ])
  expect(endpoints().filter((line) => line.endsWith(':8000'))).toHaveLength(3)
  const domain = keystone.rows.domains.find(({ name }) => name === 'heat')!
  expect(keystone.rows.users.find(({ name }) => name === 'keeper')).toMatchObject({ domain_id: domain.id })
  expect(keystone.rows.role_assignments.at(-1)).toMatchObject({ scope: { domain: { id: domain.id } } })
  expect(await ensure(ofHeat)).toEqual([])
})

test('a disabled domain, a lost admin and a changed password in it are put right; a user of that name elsewhere stays', async () => {
  await ensure(ofHeat)
  const namesake = { id: 'n', name: 'keeper', domain_id: 'default', password: 'own', enabled: true }
  keystone.rows.users.unshift({ ...namesake })
  keystone.rows.domains.find(({ name }) => name === 'heat')!['enabled'] = false
  keystone.rows.users.find(({ name, domain_id }) => name === 'keeper' && domain_id !== 'default')!['password'] = 'other'
  keystone.rows.role_assignments = keystone.rows.role_assignments.filter(
    ({ scope }) => !(scope as Record<string, unknown>)['domain'],
  )
  const faults = [
    'keystone domain heat: is disabled',
    'keystone role admin of keeper: is missing',
    'keystone user keeper: cannot log in with the password of this lab',
  ]
  expect(await compare(ofHeat)).toEqual(faults)
  expect(await ensure(ofHeat)).toEqual(faults)
  expect(await ensure(ofHeat)).toEqual([])
  expect(keystone.rows.users).toContainEqual(namesake)
})

test('switched off, both entries leave the catalog, and the domain stays', async () => {
  await ensure(ofHeat)
  expect(await ensure(absentLooks({ identity: heat }))).toEqual([
    'keystone no service orchestration: is in the catalog',
    'keystone no service cloudformation: is in the catalog',
  ])
  expect(keystone.rows.domains.map(({ name }) => name)).toContain('heat')
  expect(await compare(absentLooks({ identity: heat }))).toEqual([])
})

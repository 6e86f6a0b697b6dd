/** What exercises ask of a cloud, over real HTTP; a real lab is in e2e. */

import { describe, expect, onTestFinished, test } from 'vitest'
import { signIn } from '../../scripts/cloud/client.ts'
import { observeFixedAddress, observeOwnImage, observeProject, observeRestored } from '../../scripts/exercises/built.ts'
import { imageEndpointWrong, quotaUsedUp, volumeServicesDisabled } from '../../scripts/exercises/cloud-changes.ts'
import { probeName, withProbes } from '../../scripts/exercises/probes.ts'
import { readWanted } from '../../scripts/exercises/wanted-objects.ts'
import { type FakeAnswer, fakeCloud } from '../cloud/fake-cloud.ts'
import { fixtureLab } from '../fixtures/lab.ts'

const lab = { ...fixtureLab('lxc'), timeScale: 0.001 }

async function cloudWith(listed: Record<string, unknown>) {
  const fake = await fakeCloud()
  onTestFinished(() => fake[Symbol.asyncDispose]())
  for (const [path, body] of Object.entries(listed)) fake.answers[`GET ${path}`] = [200, body]
  const access = { authUrl: `${fake.url}/v3`, name: 'admin', password: 'x', region: 'RegionOne' }
  const cloud = await signIn({ ...access, timeoutSeconds: 5, controller: 'controller' })
  const allow = (method: string, path: string, answer: FakeAnswer = [200, {}]) => {
    fake.answers[`${method} ${path}`] = answer
  }
  const changes = () =>
    fake.asked.filter(({ method }) => method !== 'GET').map(({ method, path, body }) => `${method} ${path} ${body}`)
  return { cloud, allow, changes: () => changes().slice(1), watch: { lab, cloud: async () => cloud, timeoutFactor: 0 } }
}

describe('changes', () => {
  test('the quota becomes what is in use, and what it was', async () => {
    const instances = { limit: 10, in_use: 3 }
    const { cloud, allow, changes } = await cloudWith({
      '/compute/v2.1/os-quota-sets/p/detail': { quota_set: { instances } },
    })
    allow('PUT', '/compute/v2.1/os-quota-sets/p')
    const before = await quotaUsedUp.read(cloud, lab)
    await quotaUsedUp.apply(cloud, before)
    await quotaUsedUp.restore(cloud, before)
    expect(changes().map((one) => /"instances":(-?\d+)/.exec(one)?.[1])).toEqual(['3', '10'])
  })

  test('only volume services that were enabled are enabled again', async () => {
    const services = [
      { host: 'controller@nfs', status: 'enabled' },
      { host: 'old@nfs', status: 'disabled' },
    ]
    const { cloud, allow, changes } = await cloudWith({
      '/volume/v3/os-services?binary=cinder-volume': { services },
    })
    for (const verb of ['disable', 'enable']) allow('PUT', `/volume/v3/os-services/${verb}`)
    const before = await volumeServicesDisabled.read(cloud, lab)
    await volumeServicesDisabled.apply(cloud, before)
    await volumeServicesDisabled.restore(cloud, before)
    const body = '{"host":"controller@nfs","binary":"cinder-volume"}'
    expect(changes()).toEqual([
      `PUT /volume/v3/os-services/disable ${body}`,
      `PUT /volume/v3/os-services/enable ${body}`,
    ])
  })

  test('an endpoint that was deleted meanwhile is no obstacle', async () => {
    const endpoints = [{ id: 'e1', url: 'http://10.0.0.11:9292' }]
    const { cloud, allow, changes } = await cloudWith({
      '/v3/services?type=image': { services: [{ id: 's1' }] },
      '/v3/endpoints?interface=public&service_id=s1': { endpoints },
    })
    allow('PATCH', '/v3/endpoints/e1')
    const before = await imageEndpointWrong.read(cloud, lab)
    await imageEndpointWrong.apply(cloud, before)
    allow('PATCH', '/v3/endpoints/e1', [404, {}])
    await imageEndpointWrong.restore(cloud, before)
    expect(changes()).toEqual([
      'PATCH /v3/endpoints/e1 {"endpoint":{"url":"http://10.0.0.11:9229"}}',
      'PATCH /v3/endpoints/e1 {"endpoint":{"url":"http://10.0.0.11:9292"}}',
    ])
  })
})

const servers = '/compute/v2.1/servers/detail?all_tenants=1'

describe('what is wanted', () => {
  test('is found by its name, and in an order in which it can be removed; everything else stays', async () => {
    const volumes = [
      { id: 'v1', name: 'notes', attachments: [{ server_id: 's1' }] },
      { id: 'v2', name: 'notes-restored', attachments: [] },
      { id: 'v3', name: 'mine', attachments: [{ server_id: 's1' }] },
    ]
    const { cloud } = await cloudWith({
      '/volume/v3/volumes/detail?all_tenants=1': { volumes },
      '/volume/v3/snapshots/detail?all_tenants=1': {
        snapshots: [
          { id: 'n1', name: 'monday' },
          { id: 'n2', name: 'x' },
        ],
      },
    })
    const found = await readWanted(cloud, lab, { volumes: ['notes-restored', 'notes'], snapshots: ['monday'] })
    expect(found.map(({ path }) => path)).toEqual([
      '/servers/s1/os-volume_attachments/v1',
      '/volumes/v2',
      '/snapshots/n1',
      '/volumes/v1',
    ])
  })

  test('a project goes with everything in it, and with nothing of others', async () => {
    const { cloud } = await cloudWith({
      '/v3/projects?name=workshop': { projects: [{ id: 'w', name: 'workshop' }] },
      [servers]: {
        servers: [
          { id: 's1', name: 'web', tenant_id: 'w' },
          { id: 's2', name: 'web', tenant_id: 'other' },
        ],
      },
      '/volume/v3/volumes/detail?all_tenants=1&project_id=w': { volumes: [] },
      '/network/v2.0/networks?project_id=w': { networks: [] },
      '/network/v2.0/security-groups?project_id=w': { security_groups: [{ id: 'g1', name: 'default' }] },
      '/v3/users': {
        users: [
          { id: 'u1', name: 'pupil', default_project_id: 'w' },
          { id: 'u2', name: 'admin' },
        ],
      },
    })
    const found = await readWanted(cloud, lab, { project: 'workshop' })
    expect(found.map(({ type, id }) => `${type} ${id}`)).toEqual([
      'server s1',
      'security group g1',
      'user u1',
      'project w',
    ])
  })
})

describe('what is built', () => {
  test('is not there at first, and says what is missing', async () => {
    const { watch } = await cloudWith({
      [servers]: { servers: [] },
      '/v3/projects?name=workshop': { projects: [] },
      '/v2/images?name=golden': { images: [] },
      '/volume/v3/volumes/detail?all_tenants=1': { volumes: [] },
      '/volume/v3/snapshots/detail?all_tenants=1': { snapshots: [] },
      '/compute/v2.1/servers/detail?all_tenants=1&name=%5Eserver1%24': { servers: [] },
    })
    for (const observe of [observeProject, observeRestored, observeOwnImage, observeFixedAddress]) {
      const lines = await observe(watch)
      expect(lines.length).toBeGreaterThan(0)
      expect(lines.filter(({ ok }) => ok)).toEqual([])
    }
  })

  test('a copy of something else does not count as restored', async () => {
    const volumes = (snapshot: string) => [
      { id: 'v1', name: 'notes', status: 'in-use', snapshot_id: null, attachments: [{ server_id: 's1' }] },
      { id: 'v2', name: 'notes-restored', status: 'available', snapshot_id: snapshot, attachments: [] },
    ]
    const results = ['n1', 'n2'].map(async (snapshot) => {
      const { watch } = await cloudWith({
        '/volume/v3/volumes/detail?all_tenants=1': { volumes: volumes(snapshot) },
        '/volume/v3/snapshots/detail?all_tenants=1': {
          snapshots: [{ id: 'n1', name: 'monday', status: 'available', volume_id: 'v1' }],
        },
        '/compute/v2.1/servers/detail?all_tenants=1&name=%5Eserver1%24': { servers: [{ id: 's1', name: 'server1' }] },
      })
      return (await observeRestored(watch)).map(({ ok }) => ok)
    })
    expect(await Promise.all(results)).toEqual([
      [true, true, true],
      [true, true, false],
    ])
  })
})

test('what a check has made is removed, also if the check fails', async () => {
  const { watch, allow, changes } = await cloudWith({})
  allow('DELETE', '/volume/v3/volumes/v1')
  const about = { id: 'exercise/volume', what: 'a new volume becomes available' }
  const lines = await withProbes(watch, about, async (_, made) => {
    made('volumev3', '/volumes/v1')
    throw new Error(`${probeName} failed`)
  })
  expect(lines).toMatchObject([{ ...about, ok: false, seen: 'exercise-check failed' }])
  expect(changes()).toEqual(['DELETE /volume/v3/volumes/v1 '])
})

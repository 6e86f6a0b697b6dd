/** What `./lab verify --volumes` removes, over real HTTP; e2e covers the rest. */

import { expect, onTestFinished, test } from 'vitest'
import { signIn } from '../../../scripts/cloud/client.ts'
import { LabError } from '../../../scripts/declaration/errors.ts'
import { observeVolumes } from '../../../scripts/health/verify/volumes.ts'
import { fakeCloud } from '../../cloud/fake-cloud.ts'
import { fixtureLab } from '../../fixtures/lab.ts'

const lab = { ...fixtureLab('lxc'), timeScale: 0.05 }
const mark = 'Duostack lab 1a2b3c4d'
const metadata = { duostack_lab: '1a2b3c4d' }

const volume = (id: string, name: string, description: string, servers: string[] = []) => ({
  ...{ id, name, description },
  attachments: servers.map((server_id) => ({ server_id })),
})

/** A killed run's objects, the lab's own volume and instance, and somebody else's volume of the same name. */
async function start() {
  const cloud = await fakeCloud()
  onTestFinished(() => cloud[Symbol.asyncDispose]())
  const volumes = [
    volume('v1', 'verify-volumes-first', mark, ['s-test']),
    volume('v2', 'verify-volumes-root', mark, ['s-own']),
    volume('v3', 'test-volume', mark, ['s-test']),
    volume('v4', 'verify-volumes-first', 'mine'),
  ]
  const listed: Record<string, unknown> = {
    '/volume/v3/volumes/detail?all_tenants=1': { volumes },
    '/volume/v3/snapshots/detail?all_tenants=1': {
      snapshots: [
        { id: 'n1', name: 'verify-volumes-snapshot', description: mark },
        { id: 'n2', name: 'verify-volumes-snapshot', description: 'mine' },
      ],
    },
    '/compute/v2.1/servers/detail?all_tenants=1': {
      servers: [
        { id: 's-own', name: 'verify-volumes-server', metadata },
        { id: 's-test', name: 'test', metadata },
        { id: 's-other', name: 'verify-volumes-server', metadata: {} },
      ],
    },
    '/compute/v2.1/servers/detail?all_tenants=1&name=%5Eserver1%24': { servers: [] },
    '/compute/v2.1/os-keypairs': { keypairs: [] },
    '/compute/v2.1/flavors/detail?is_public=None': { flavors: [] },
    '/v2/images?tag=duostack-1a2b3c4d': { images: [] },
  }
  for (const kind of ['networks', 'ports', 'security-groups', 'security-group-rules', 'subnets']) {
    listed[`/network/v2.0/${kind}?description=Duostack+lab+1a2b3c4d`] = { [kind.replaceAll('-', '_')]: [] }
  }
  for (const [path, body] of Object.entries(listed)) cloud.answers[`GET ${path}`] = [200, body]
  const access = { authUrl: `${cloud.url}/v3`, region: 'RegionOne', timeoutSeconds: 2, controller: 'c' }
  const client = await signIn({ ...access, name: 'admin', password: 'x' })
  return { cloud, watch: { lab, cloud: async () => client, timeoutFactor: 1 } }
}

test('remains of a killed run are removed first, in the order of their dependencies, and nothing of others', async () => {
  const { cloud, watch } = await start()
  await observeVolumes(watch, () => {})
  const deleted = cloud.asked.filter(({ method }) => method === 'DELETE').map(({ path }) => path)
  // The root disk is deleted with its server; it is not detached.
  expect(deleted).toEqual([
    '/compute/v2.1/servers/s-test/os-volume_attachments/v1',
    '/compute/v2.1/servers/s-own',
    '/volume/v3/snapshots/n1',
    '/volume/v3/volumes/v1',
    '/volume/v3/volumes/v2',
  ])
})

test('without a test instance nothing is created, and one line says so', async () => {
  const { cloud, watch } = await start()
  expect(await observeVolumes(watch, () => {})).toEqual([
    {
      id: 'volumes',
      what: 'the cloud and the test instance are ready for this',
      ok: false,
      seen: 'instance server1 ACTIVE: no such instance',
      next: './lab up',
    },
  ])
  expect(cloud.asked.filter(({ method, path }) => method === 'POST' && path !== '/v3/auth/tokens')).toEqual([])
})

test('without Cinder it is refused, and the message says where to switch it on', async () => {
  const { watch } = await start()
  const off = { ...watch, lab: { ...lab, services: { ...lab.services, cinder: false } } }
  await expect(observeVolumes(off, () => {})).rejects.toThrow(LabError)
})

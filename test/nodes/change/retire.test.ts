/** Everything on a node that is to be removed is listed before anything is changed. */

import { expect, test } from 'vitest'
import { type CloudClient, signIn } from '../../../scripts/cloud/client.ts'
import { checkTenants, type RetireOptions } from '../../../scripts/nodes/change/retire.ts'
import { fakeCloud } from '../../cloud/fake-cloud.ts'
import { messageOf } from '../../declaration/checkout.ts'
import { fixtureLab } from '../../fixtures/lab.ts'

const server = { id: 's-1', name: 'web', status: 'ACTIVE', 'OS-EXT-SRV-ATTR:host': 'compute2' }
const lab = fixtureLab('lxc')

async function refusal(servers: object[], volumes: object[], evict: boolean, nodes = lab.nodes): Promise<string> {
  await using fake = await fakeCloud()
  fake.answers['GET /compute/v2.1/servers/detail?all_tenants=1&host=compute2'] = [200, { servers }]
  fake.answers['GET /volume/v3/volumes/detail?all_tenants=1'] = [200, { volumes }]
  const access = { name: 'admin', password: 'x', region: 'RegionOne', timeoutSeconds: 5, controller: 'controller' }
  const cloud: CloudClient = await signIn({ authUrl: `${fake.url}/v3`, ...access })
  const options = { lab: { ...lab, nodes }, cloud, evict } as RetireOptions
  const found = await checkTenants(['compute2'], options).catch((error: unknown) => error)
  expect(fake.asked.filter(({ method, path }) => method !== 'GET' && path !== '/v3/auth/tokens')).toEqual([])
  return found
    ? messageOf(() => {
        throw found
      })
    : ''
}

test('an empty node can be removed', async () => {
  expect(await refusal([], [], false)).toBe('')
})

test('servers on it are named, with the way to keep them', async () => {
  expect(await refusal([server], [], false)).toMatch(
    /node compute2: servers are on it: web \(s-1\)[\s\S]*hint: .\/lab up --evict/,
  )
  expect(await refusal([server], [], true)).toBe('')
})

test('a server that cannot be moved is named, and so is a cloud without another compute node', async () => {
  expect(await refusal([{ ...server, status: 'PAUSED' }], [], true)).toContain('server web (s-1) is PAUSED')
  expect(await refusal([server], [], true, lab.nodes.slice(0, 1))).toContain('expected: another compute node')
})

test('volumes on it are named, even with --evict', async () => {
  const volume = {
    id: 'v-1',
    name: 'data',
    description: null,
    attachments: [],
    'os-vol-host-attr:host': 'compute2@lvm#x',
  }
  expect(await refusal([], [volume], true)).toContain('volumes are on it: data (v-1)')
  expect(await refusal([], [{ ...volume, 'os-vol-host-attr:host': 'controller@lvm#x' }], true)).toBe('')
})

test('if there never was a cloud, nothing is asked', async () => {
  await checkTenants(['compute2'], { lab, cloud: undefined, evict: false } as RetireOptions)
})

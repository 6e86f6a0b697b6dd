import { describe, expect, test } from 'vitest'
import type { CloudClient } from '../../../scripts/cloud/client.ts'
import { findPlace } from '../../../scripts/insight/wire/find-place.ts'
import { lab } from '../topology/recording.ts'

const server = { id: 'server-1', name: 'web\u001b[2J', status: 'BUILD', addresses: {} }
const network = {
  id: 'bb2053dc-c903-4a98-bb6e-73bb3bdf4801',
  name: 'provider',
  'provider:network_type': 'flat',
  'provider:segmentation_id': null,
  mtu: 1500,
}
const port = (host: string) => ({
  id: '809fc1ba-165c-45ad-961f-51560670943a',
  network_id: network.id,
  device_id: server.id,
  device_owner: 'compute:nova',
  mac_address: 'fa:16:3e:d2:a8:05',
  fixed_ips: [{ ip_address: '203.0.113.101' }],
  status: 'DOWN',
  'binding:host_id': host,
})

/** A cloud that gives one list of ports after the other; the server is there from the `from`th question on. */
function cloudOf(ports: readonly object[][], from = 1) {
  let asked = 0
  let listed = 0
  const get = async (_: string, path: string) => {
    if (path.startsWith('/servers')) return { servers: ++asked >= from ? [server] : [] }
    if (path.endsWith('/ports')) return { ports: ports[Math.min(listed++, ports.length - 1)] }
    return { networks: [network], routers: [], floatingips: [] }
  }
  return { get } as unknown as CloudClient
}

const wanted = { where: './lab capture', server: server.id, at: 'tap', waitSeconds: 0 } as const

describe('a place is found', () => {
  test('for an instance that has its port, even while it is built', async () => {
    const { place } = await findPlace(lab, cloudOf([[port('compute1')]]), wanted)
    expect(place).toEqual({ name: 'tap', node: 'compute1', device: 'tap809fc1ba-16' })
  })

  test('as soon as there is an instance with a port on a node, if one waits', async () => {
    const cloud = cloudOf([[], [port('')], [port('compute1')]], 2)
    const { place } = await findPlace(lab, cloud, { ...wanted, waitSeconds: 60 })
    expect(place.node).toBe('compute1')
  })

  test('or refused: no such server, no port yet, no such place, a node that is none', async () => {
    const refused = (ports: object[][], changes: object, from?: number) =>
      findPlace(lab, cloudOf(ports, from), { ...wanted, ...changes }).then(
        () => '',
        (error: Error) => error.message,
      )
    expect(await refused([[]], {}, 9)).toContain('no server "server-1"')
    expect(await refused([[]], {})).toContain('(BUILD) has no port on a node')
    expect(await refused([[port('evil.example')]], {})).toContain('the tap is on "evil.example"')
    const router = await refused([[port('compute1')]], { at: 'router' })
    expect(router).toContain('expected: tap (tap809fc1ba-16 on compute1), bridge (brqbb2053dc-c9 on compute1), eth1')
    expect(router).not.toContain('\u001b')
  })
})

/** Self-service networks on two compute nodes: instances of one network on both reach each other, over VXLAN and VLAN. */

import { expect, test } from 'vitest'
import { loadLab } from '../../scripts/declaration/load.ts'
import { client, expectVerified, openstack } from '../harness/answers.ts'
import type { Copy } from '../harness/copy.ts'
import { bringUp, declareNetworking, onNode } from '../harness/lab.ts'
import { recorded } from '../harness/ledger.ts'
import { onCompute, withCompute2, withoutCompute2 } from './second-compute.ts'
import { deleteServer, inside, type Server, type Shown } from './server.ts'

const part = 'project-networks'
const segments = { vxlan: 801, vlan: 231 } as const
type Kind = keyof typeof segments
const subnets = { vxlan: '10.81.0.0/24', vlan: '10.82.0.0/24' } as const

/** A network of this kind behind the lab's own kind of router. */
async function makeNetwork(copy: Copy, kind: Kind): Promise<void> {
  const physical = kind === 'vlan' ? ['--provider-physical-network', 'provider'] : []
  const type = ['--provider-network-type', kind, '--provider-segment', `${segments[kind]}`, ...physical]
  await client(copy, 'network', 'create', ...type, kind)
  await client(copy, 'subnet', 'create', '--network', kind, '--subnet-range', subnets[kind], kind)
  await client(copy, 'router', 'create', '--external-gateway', 'provider', kind)
  await client(copy, 'router', 'add', 'subnet', kind, kind)
}

/** On this node; with a floating IP, by which it can be logged in to. */
async function makeServer(copy: Copy, kind: Kind, node: string): Promise<Server> {
  const open = ['--key-name', 'duostack', '--security-group', 'ping-and-ssh', '--network', kind]
  const image = ['--image', 'duostack-test', '--flavor', 'm1.nano', ...onCompute(node)]
  const name = `${kind}-${node}`
  const { id } = await openstack<Shown>(copy, 'server', 'create', ...image, ...open, '--wait', name)
  const { floating_ip_address: address } = await openstack<{ floating_ip_address: string }>(
    copy,
    ...['floating', 'ip', 'create', 'provider'],
  )
  await client(copy, 'server', 'add', 'floating', 'ip', id, address)
  return { copy, id, address }
}

async function fixedAddress({ copy, id }: Server, kind: Kind): Promise<string> {
  const { addresses } = await openstack<Shown>(copy, 'server', 'show', id)
  return addresses[kind]!.find((address) => address.startsWith(subnets[kind].slice(0, 6)))!
}

/** Also what is left of one that was only half made. */
async function removeNetwork(copy: Copy, kind: Kind, servers: readonly Server[]): Promise<void> {
  for (const server of servers) {
    await deleteServer(server)
    await client(copy, 'floating', 'ip', 'delete', server.address)
  }
  const remove = (...words: string[]) => copy.run('./lab', 'openstack', ...words)
  await remove('router', 'remove', 'subnet', kind, kind)
  await remove('router', 'delete', kind)
  await remove('network', 'delete', kind)
}

/** Whole packets, both ways: a network that loses the large ones answers ordinary pings. */
async function expectReach(kind: Kind, one: Server, other: Server): Promise<void> {
  const bytes = kind === 'vxlan' ? 1450 : 1500
  for (const [from, to] of [
    [one, other],
    [other, one],
  ] as const) {
    const ping = `ping -c 3 -W 5 -s ${bytes - 28} ${await fixedAddress(to, kind)}`
    expect(await inside(from, ping)).toMatch(/ 0% packet loss/)
  }
}

/** compute1 sends to compute2 itself, and has the tag beside it. */
async function expectWires(copy: Copy, kinds: readonly Kind[]): Promise<void> {
  expect(await onNode(copy, 'compute1', `bridge fdb show dev vxlan-${segments.vxlan}`)).toContain('dst 10.0.0.32')
  if (kinds.includes('vlan'))
    expect(await onNode(copy, 'compute1', 'ip -d link show')).toContain(`vlan protocol 802.1Q id ${segments.vlan}`)
}

export function projectNetworkTests(copy: () => Copy): void {
  test('instances on two compute nodes reach each other on their project network, all kinds side by side', () =>
    recorded(part, 'east-west between compute nodes', async () => {
      await declareNetworking(copy(), 'self-service')
      await withCompute2(copy())
      await bringUp(copy())
      await expectVerified(copy())
      const kinds: readonly Kind[] = loadLab(copy().root).capabilities.vlan ? ['vxlan', 'vlan'] : ['vxlan']
      const made: { kind: Kind; servers: Server[] }[] = []
      try {
        for (const kind of kinds) {
          const servers: Server[] = []
          made.push({ kind, servers })
          await makeNetwork(copy(), kind)
          for (const node of ['compute1', 'compute2']) servers.push(await makeServer(copy(), kind, node))
        }
        for (const { kind, servers } of made) await expectReach(kind, servers[0]!, servers[1]!)
        await expectWires(copy(), kinds)
      } finally {
        for (const { kind, servers } of made) await removeNetwork(copy(), kind, servers)
      }
      await withoutCompute2(copy())
      await bringUp(copy(), '--evict')
      await expectVerified(copy())
      return `${kinds.join(' and ')}: whole packets between instances on compute1 and compute2, both ways`
    }))
}

/** Part 8, from an instance with tagged frames: what it cannot do without a tag, it cannot do with one. */

import { expect, test } from 'vitest'
import { openstack } from '../harness/answers.ts'
import type { Copy } from '../harness/copy.ts'
import { addressOf } from '../harness/instance.ts'
import { onNode, smallServer } from '../harness/lab.ts'
import { recorded } from '../harness/ledger.ts'
import { tail } from '../harness/output.ts'
import { attempts, expectEach, loadVlanModule, type Peer, type Stage, tags, watchAttack } from './tagged-attack.ts'

const part = 'exposure'

async function setPortSecurity(stage: Stage, port: string, on: boolean): Promise<void> {
  const words = on
    ? ['--enable-port-security', '--security-group', 'ping-and-ssh']
    : ['--disable-port-security', '--no-security-group']
  const set = await stage.copy.run('./lab', 'openstack', 'port', 'set', ...words, port)
  expect(set.exitCode, tail(set.all)).toBe(0)
  // Neutron's agent polls every two seconds.
  const rule = `ebtables -t nat -L port-frames | grep -c -e '-[io] tap${port.slice(0, 11)} -j RETURN'`
  await onNode(stage.copy, 'compute1', `until [ "$(${rule})" = ${on ? 0 : 2} ]; do sleep 1; done`)
}

interface Port {
  ID: string
  'MAC Address': string
  'Fixed IP Addresses': { ip_address: string }[]
}

async function portOf(copy: Copy, ...filter: string[]): Promise<Port> {
  const [port] = await openstack<Port[]>(copy, 'port', 'list', '--network', 'provider', ...filter)
  return port!
}

const peerOf = (port: Port): Peer => ({ ip: port['Fixed IP Addresses'][0]!.ip_address, mac: port['MAC Address'] })

export function tagTests(copy: () => Copy): void {
  test('what an instance cannot do it cannot do with tagged frames either, and its neighbor receives none', () =>
    recorded(part, 'tagged frames: VLAN 0, VLANs of others, 802.1ad', async () => {
      const own = await portOf(copy(), '--server', 'test')
      const dhcp = peerOf(await portOf(copy(), '--device-owner', 'network:dhcp'))
      const create = ['--os-cloud', 'demo', 'server', 'create', ...smallServer, '--wait', 'victim']
      const { id } = await openstack<{ id: string }>(copy(), ...create)
      try {
        const victimPort = await portOf(copy(), '--device-id', id)
        const address = await addressOf(copy(), 'test')
        const [tap, victimTap] = [own, victimPort].map(({ ID }) => `tap${ID.slice(0, 11)}`) as [string, string]
        const mac = own['MAC Address']
        const stage = { copy: copy(), address, mac, tap, dhcp, victim: peerOf(victimPort), victimTap }
        await loadVlanModule(copy(), address)
        expect(await watchAttack(stage)).toMatchObject({ wire: [], victim: [] })

        // The control test: without port security all frames pass, but still none reach a port that has it.
        await setPortSecurity(stage, own.ID, false)
        const free = await watchAttack(stage)
        await setPortSecurity(stage, own.ID, true)
        expect(free.victim).toEqual([])
        // The other instance is on the same node: frames addressed only to it are on no wire.
        const outward = attempts(dhcp, stage.victim).filter(({ what }) => what !== 'a security group')
        expectEach(free.wire, tags, outward)
        const again = await watchAttack(stage, tags.slice(0, 1))
        expect(again).toMatchObject({ wire: [], victim: [] })
        return `${outward.length + 1} attempts with each of ${tags.length} tags: no frame leaves the port; without port security ${free.wire.length} do, none to a neighbour`
      } finally {
        await copy().run('./lab', 'openstack', '--os-cloud', 'demo', 'server', 'delete', '--wait', id)
      }
    }))
}

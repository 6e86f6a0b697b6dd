import { describe, expect, test } from 'vitest'
import type { Interface, Machine } from '../../../scripts/insight/topology/model.ts'
import { parseInterfaces, parseMachine } from '../../../scripts/insight/topology/parse.ts'
import { findCables } from '../../../scripts/insight/topology/read.ts'
import { compute, controller, topology } from './recording.ts'

describe('what the nodes of a real lab print', () => {
  test('is read as interfaces, a namespace with its dnsmasq, an instance with its tap and its chains', () => {
    expect(controller.interfaces.map(({ name }) => name)).toEqual(expect.arrayContaining(['eth0', 'eth1']))
    expect(controller.namespaces).toHaveLength(1)
    expect(controller.dnsmasq[0]?.network).toBe(topology.networks[0]?.id)
    expect(compute.instances[0]).toMatchObject({ name: 'test', state: 'running' })
    const tap = compute.interfaces.find(({ name }) => name === compute.instances[0]?.interfaces[0]?.tap)
    expect(tap).toMatchObject({ kind: 'tun', up: true, master: topology.networks[0]?.bridge })
    expect(compute.chains.map(({ what }) => what).sort()).toEqual([
      'from the instance',
      'to the instance',
      'who may send',
    ])
    expect(compute.chains.every(({ rules }) => rules.length > 0)).toBe(true)
  })

  test('shows which ends are one cable: the host with each node, the DHCP namespace with its tap', () => {
    const ends = topology.cables.map(({ from, to }) => `${from.machine} ${to.machine}/${to.interface.slice(0, 4)}`)
    expect(ends.sort()).toEqual([
      'controller controller/ns-d',
      'host compute1/eth0',
      'host compute1/eth1',
      'host controller/eth0',
      'host controller/eth1',
    ])
  })

  test('the name of an instance is read as its user gave it, not as XML writes it', () => {
    const name = '<nova:name>&lt;b&gt; &amp;amp; &quot;x&#39;&#x1b;</nova:name>'
    const metadata = `<metadata><nova:instance>${name}</nova:instance></metadata>`
    const xml = `<domain><name>instance-1</name>${metadata}</domain>`
    const { instances } = parseMachine('compute1', [], `@@ domain running\n${xml}`)
    expect(instances[0]?.name).toBe(`<b> &amp; "x'\u001b`)
  })

  test('global IPv6 addresses are shown, those of the link are not', () => {
    const addresses = [
      { family: 'inet6', local: '2001:db8:9::', prefixlen: 64, scope: 'global' },
      { family: 'inet6', local: 'fe80::1', prefixlen: 64, scope: 'link' },
    ]
    const link = { ifindex: 2, ifname: 'qr-1', flags: ['UP'], mtu: 1450, operstate: 'UP', addr_info: addresses }
    expect(parseInterfaces(JSON.stringify([link]))[0]?.addresses).toEqual(['2001:db8:9::/64'])
  })

  test('a tagged interface and a VM tap are known as such', () => {
    const vlan = {
      ifindex: 7,
      ifname: 'eth1.101',
      link: 'eth1',
      flags: ['UP'],
      mtu: 1500,
      operstate: 'UP',
      address: '52:54:00:00:00:01',
      master: 'brq1',
      linkinfo: { info_kind: 'vlan', info_data: { protocol: '802.1Q', id: 101 } },
    }
    expect(parseInterfaces(JSON.stringify([vlan]))[0]).toMatchObject({
      kind: 'vlan',
      vlan: { below: 'eth1', id: 101 },
      master: 'brq1',
    })
    const machine = (name: string, interfaces: Interface[]): Machine => ({
      name,
      roles: [],
      interfaces,
      namespaces: [],
      dnsmasq: [],
      instances: [],
      chains: [],
    })
    const one = (name: string, kind: string, mac: string): Interface => ({
      name,
      kind,
      up: true,
      mtu: 1500,
      mac,
      addresses: [],
      index: 1,
    })
    const cables = findCables([
      machine('host', [one('vnet3', 'tun', 'fe:54:00:11:22:33')]),
      machine('node', [one('eth1', 'physical', '52:54:00:11:22:33')]),
    ])
    expect(cables).toEqual([
      { from: { machine: 'host', interface: 'vnet3' }, to: { machine: 'node', interface: 'eth1' }, kind: 'tap' },
    ])
  })
})

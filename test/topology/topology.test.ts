import { readFileSync } from 'node:fs'
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { layOut } from '../../scripts/topology/layout.ts'
import type { Interface, Machine, Topology } from '../../scripts/topology/model.ts'
import { parseInterfaces, parseMachine } from '../../scripts/topology/parse.ts'
import { findWay, wiredHops } from '../../scripts/topology/path.ts'
import { findCables } from '../../scripts/topology/read.ts'
import { renderTopologyPage } from '../../scripts/topology/render-page.ts'
import { renderSvg } from '../../scripts/topology/render-svg.ts'
import { showTopology } from '../../scripts/topology/render-text.ts'
import { fixtureLab } from '../fixtures/lab.ts'

const recorded = (name: string) => readFileSync(new URL(`recorded/${name}`, import.meta.url), 'utf8')
const names = JSON.parse(recorded('names.json'))
const bridges = [names.lab.networks.management.bridge, names.lab.networks.provider.bridge]

function readRecorded(): Topology {
  const host: Machine = {
    name: 'host',
    roles: ['host'],
    interfaces: parseInterfaces(recorded('host.json')).filter(
      ({ name, master }) => bridges.includes(name) || bridges.includes(master ?? ''),
    ),
    namespaces: [],
    dnsmasq: [],
    instances: [],
    chains: [],
  }
  const machines = [
    host,
    parseMachine('controller', ['controller', 'storage'], recorded('controller.txt')),
    parseMachine('compute1', ['compute'], recorded('compute1.txt')),
  ]
  const lab = { id: '1a2b3c4d', name: 'duostack', hypervisor: 'lxc' }
  return { lab, machines, cables: findCables(machines), networks: names.networks, ports: names.ports }
}

const lab = fixtureLab('lxc', { networks: { ...fixtureLab('lxc').networks, ...names.lab.networks } })
const topology = readRecorded()
const compute = topology.machines[2]!
const controller = topology.machines[1]!

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

/** The same topology with one interface of one machine changed. */
function change(machine: string, name: string, changes: Partial<Interface>): Topology {
  const machines = topology.machines.map((one) =>
    one.name === machine
      ? { ...one, interfaces: one.interfaces.map((link) => (link.name === name ? { ...link, ...changes } : link)) }
      : one,
  )
  return { ...topology, machines }
}

const hops = (of: Topology) => wiredHops(findWay(lab, of, 'test'))
const firstBad = (of: Topology) => hops(of).find(({ ok }) => !ok)?.what

describe('the way to an instance', () => {
  test('of a healthy lab has no bad hop', () => {
    expect(hops(topology).length).toBeGreaterThan(7)
    expect(firstBad(topology)).toBeUndefined()
  })

  test('names the first bad hop, whichever it is', () => {
    const bridge = topology.networks[0]!.bridge
    const tap = compute.instances[0]!.interfaces[0]!.tap
    expect(firstBad(change('host', bridges[1], { addresses: [] }))).toContain('has 203.0.113.1')
    expect(firstBad(change('compute1', 'eth1', { up: false }))).toBe('compute1: eth1 is up')
    const { master: _, ...loose } = compute.interfaces.find(({ name }) => name === 'eth1')!
    const unplugged = {
      ...topology,
      machines: topology.machines.map((one) =>
        one === compute
          ? { ...one, interfaces: one.interfaces.map((link) => (link.name === 'eth1' ? loose : link)) }
          : one,
      ),
    }
    expect(firstBad(unplugged)).toContain(`eth1 is in the bridge ${bridge}`)
    expect(firstBad(change('compute1', tap, { master: 'another' }))).toContain(`tap ${tap}`)
    const silent = { ...topology, machines: topology.machines.map((one) => ({ ...one, chains: [] })) }
    expect(firstBad(silent)).toContain("the port's filter")
    const down = { ...topology, ports: topology.ports.map((port) => ({ ...port, status: 'DOWN' })) }
    expect(firstBad(down)).toContain('is ACTIVE on compute1')
  })

  test('of no such instance is refused, with the names that there are', () => {
    expect(() => findWay(lab, topology, 'nobody')).toThrow(/allowed: test/)
  })
})

describe('the picture', () => {
  test('every line ends at a box, and no two boxes cover each other, however many instances there are', () => {
    fc.assert(
      fc.property(fc.nat(9), fc.nat(4), (instances, nodes) => {
        const copies = Array.from({ length: instances }, (_, index) => ({
          ...compute.instances[0]!,
          domain: `instance-${index}`,
          id: `${index}`,
        }))
        const more = Array.from({ length: nodes }, (_, index) => ({ ...compute, name: `compute${index + 2}` }))
        const { boxes, lines, frames } = layOut({
          ...topology,
          machines: [...topology.machines.slice(0, 2), { ...compute, instances: copies }, ...more],
        })
        const ids = boxes.map(({ id }) => id)
        expect(new Set(ids).size).toBe(ids.length)
        for (const { from, to } of lines) expect([ids.includes(from), ids.includes(to)]).toEqual([true, true])
        for (const one of boxes) {
          const over = boxes.filter(
            (two) =>
              two !== one &&
              two.x < one.x + one.width &&
              one.x < two.x + two.width &&
              two.y < one.y + one.height &&
              one.y < two.y + two.height,
          )
          expect(over).toEqual([])
          const inside = frames.some(
            (frame) =>
              frame.x <= one.x &&
              frame.y <= one.y &&
              one.x + one.width <= frame.x + frame.width &&
              one.y + one.height <= frame.y + frame.height,
          )
          expect(inside).toBe(true)
        }
      }),
    )
  })

  test('SVG, page and text hold every interface by its name, and load nothing', () => {
    const [svg, page, text] = [
      renderSvg(topology, { alone: true }),
      renderTopologyPage(topology),
      showTopology(topology),
    ]
    for (const { interfaces } of topology.machines) {
      for (const { name, namespace } of interfaces) {
        expect(page).toContain(name)
        if (!namespace) expect([svg.includes(name), text.includes(name)]).toEqual([true, true])
      }
    }
    expect(text).toMatch(/→ test \(instance-\w+, running\), 203\.0\.113\.\d+, filters neutron-linuxbri-i/)
    expect(page).not.toMatch(/(src|href)="(?!#|data:)/)
  })
})

import { describe, expect, test } from 'vitest'
import type { Interface, Machine, Topology } from '../../../scripts/insight/topology/model.ts'
import { wiredHops } from '../../../scripts/insight/topology/path.ts'
import { renderTopologyPage } from '../../../scripts/insight/topology/render-page.ts'
import { renderSvg } from '../../../scripts/insight/topology/render-svg.ts'
import { showTopology } from '../../../scripts/insight/topology/render-text.ts'
import { findWay } from '../../../scripts/insight/topology/way.ts'
import { selfService } from './recording.ts'

const { lab, topology } = selfService
const router = topology.routers![0]!
const space = `qrouter-${router.id}`
const floating = topology.floatingIps![0]!

const hops = (of: Topology, server = 'test-project') => wiredHops(findWay(lab, of, server))
const firstBad = (of: Topology) => hops(of).find(({ ok }) => !ok)?.id

/** The same topology with one machine changed. */
function on(name: string, change: (machine: Machine) => Machine): Topology {
  return { ...topology, machines: topology.machines.map((one) => (one.name === name ? change(one) : one)) }
}

/** With the interfaces changed whose names begin so. */
const links = (machine: string, prefix: string, changes: Partial<Interface>) =>
  on(machine, (one) => ({
    ...one,
    interfaces: one.interfaces.map((link) => (link.name.startsWith(prefix) ? { ...link, ...changes } : link)),
  }))

describe('the way to an instance behind a router', () => {
  test('of a healthy lab has no bad hop, and passes host, router, VXLAN and instance in this order', () => {
    const places = hops(topology).map(({ id }) => id.split('/')[0])
    expect([...new Set(places)]).toEqual(['host', 'outside', 'router', 'tunnel', 'node', 'instance'])
    expect(new Set(hops(topology).map(({ id }) => id)).size).toBe(places.length)
    expect(firstBad(topology)).toBeUndefined()
  })

  test('to an instance on the provider network of the same lab is the short one', () => {
    expect(hops(topology, 'test').some(({ id }) => id.startsWith('router/'))).toBe(false)
  })

  test.each<[string, Topology]>([
    ['outside/uplink', links('controller', 'eth1', { master: 'another' })],
    ['router/outside', links('controller', 'tapdbe1859d', { up: false })],
    ['router/namespace', on('controller', (one) => ({ ...one, namespaces: [] }))],
    ['router/address', links('controller', 'qg-', { addresses: ['203.0.113.234/24'] })],
    ['router/nat', on('controller', (one) => ({ ...one, nat: [] }))],
    ['router/inside', links('controller', 'qr-', { mtu: 1400 })],
    ['router/tap', links('controller', 'tapaa299045', { master: 'another' })],
    ['tunnel/vxlan', links('controller', 'vxlan-', { up: false })],
    ['tunnel/peer', links('controller', 'vxlan-', { vxlan: { below: 'eth0', id: 851, peers: [] } })],
    ['node/vxlan', links('compute1', 'vxlan-', { mtu: 1400 })],
    ['node/peer', links('compute1', 'vxlan-', { vxlan: { below: 'eth0', id: 851, peers: ['10.0.0.99'] } })],
    ['instance/tap', links('compute1', 'tapbf2d9965', { up: false })],
  ])('names %s as the first bad hop', (id, broken) => {
    expect(firstBad(broken)).toBe(id)
  })

  test('a rule that translates to another address is as bad as none', () => {
    const another = topology.machines[1]!.nat!.map((one) => ({
      ...one,
      rules: one.rules.map((rule) =>
        rule.replace(`--to-destination ${floating.fixedAddress}`, '--to-destination 172.16.1.9'),
      ),
    }))
    expect(firstBad(on('controller', (one) => ({ ...one, nat: another })))).toBe('router/nat')
  })

  test('without a floating IP it leads through the router all the same; without a router it begins at the node', () => {
    const ids = hops({ ...topology, floatingIps: [] }).map(({ id }) => id)
    expect(ids).toContain('router/address')
    expect(ids).not.toContain('router/nat')
    expect(hops({ ...topology, routers: [] })[0]?.id).toBe('node/vxlan')
  })

  test('leads through the IPv4 interface of the router, whatever else it has in the network', () => {
    const inside = topology.ports.find(({ owner }) => owner === 'network:router_interface')!
    const other = { ...inside, id: '25c18864-56b7-4f09-a708-1c01e365ad24', addresses: ['2001:db8:9::'] }
    expect(firstBad({ ...topology, ports: [other, ...topology.ports] })).toBeUndefined()
  })

  test('no name that a user gave gets into a command', () => {
    const named = { ...topology, routers: [{ ...router, name: '$(touch x)' }] }
    expect(hops(named).filter(({ next }) => next.includes('touch'))).toEqual([])
  })
})

describe('the picture of a self-service lab', () => {
  test('has the router as one box, with its floating IP, and VXLAN with the node at its other end', () => {
    const text = showTopology(topology)
    expect(text).toMatch(/vxlan-851 {2}VXLAN 851 on eth0, to 10\.0\.0\.31, MTU 1450/)
    expect(text).toContain(`floating IP ${floating.address} → ${floating.fixedAddress}, ACTIVE`)
    expect(text).toMatch(/→ qg-dbe1859d-99 in qrouter-/)
    const svg = renderSvg(topology, { alone: true })
    expect(svg.split('>router router<')).toHaveLength(2)
    expect(svg).toContain('1 floating IP<')
    expect(renderTopologyPage(topology)).toContain(`NAT on controller`)
    expect(svg).not.toContain(`>${space}`)
  })
})

test('the topology names the places where packets can be seen, as text and on the page', () => {
  const text = showTopology(topology)
  expect(text).toMatch(/\.\/lab capture SERVER --at PLACE\n {2}test\n {6}tap {5}tap\S+ on compute1\n/)
  expect(text).toContain(`      router  all interfaces in ${space} on controller\n`)
  const instance = topology.machines.flatMap(({ instances }) => instances).find(({ name }) => name === 'test-project')!
  expect(renderTopologyPage(topology)).toContain(`<code>./lab capture ${instance.id} --at router</code>`)
})

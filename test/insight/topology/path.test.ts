import { describe, expect, test } from 'vitest'
import { markOf } from '../../../scripts/cloud/mark.ts'
import { explainClosed, type Group } from '../../../scripts/insight/topology/closed-group.ts'
import type { Interface, Topology } from '../../../scripts/insight/topology/model.ts'
import { admitsPort, wiredHops } from '../../../scripts/insight/topology/path.ts'
import { findWay } from '../../../scripts/insight/topology/way.ts'
import { bridges, compute, lab, topology } from './recording.ts'

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

  test('no name that a user gave gets into a command', () => {
    const named = <T extends { name: string }>(list: readonly T[]) =>
      list.map((one) => ({ ...one, name: '$(touch x)' }))
    const machines = topology.machines.map((one) => ({ ...one, instances: named(one.instances) }))
    const seen = wiredHops(findWay(lab, { ...topology, machines, networks: named(topology.networks) }, '$(touch x)'))
    expect(seen.filter(({ next }) => next.includes('touch'))).toEqual([])
    expect(seen.some(({ what }) => what.includes('touch'))).toBe(true)
  })

  test('names the first bad hop, wherever it is', () => {
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

  test('a port of a user whose groups admit no ping: the group by name, the rule by id, for ping as well', () => {
    const ping = { id: 'ping', what: 'test answers ping', ok: false, seen: 'no answer', next: 'DHCP' }
    const silent = { ...topology, machines: topology.machines.map((one) => ({ ...one, chains: [] })) }
    const group = { id: "g'1", name: 'default', description: 'Default', project_id: 'p1', security_group_rules: [] }
    const explain = (changes: Partial<Group>) =>
      explainClosed([...hops(silent), ping], [{ ...group, ...changes }], { lab, demoProject: 'p1' }).filter(
        ({ ok }) => !ok,
      )
    const rule = "security group rule create --protocol icmp 'g'\\''1'"
    expect(explain({}).map(({ seen, next }) => [seen, next])).toEqual([
      ['its security group default allows no incoming ICMP', `./lab openstack --os-cloud demo ${rule}`],
      ['no answer', `./lab openstack --os-cloud demo ${rule}`],
    ])
    expect(explain({ project_id: 'p2' })[0]!.next).toBe(`./lab openstack ${rule}`)
    expect(explain({ description: markOf(lab) })[0]!.next).toContain('./lab up')
  })

  test('a port that lets ping in and no ssh is said to', () => {
    const filterOf = (of: Topology) => hops(of).find(({ id }) => id === 'instance/filter')!
    expect(filterOf(topology)).toMatchObject({ ok: true, data: { ping: true, ssh: true } })
    const withoutSsh = topology.machines.map((one) => ({
      ...one,
      chains: one.chains.map((chain) => ({
        ...chain,
        rules: chain.rules.filter((rule) => !rule.includes('--dport 22')),
      })),
    }))
    const shut = filterOf({ ...topology, machines: withoutSsh })
    expect(shut).toMatchObject({ ok: true, data: { ping: true, ssh: false } })
    expect(shut.seen).toContain('ssh (tcp/22) is not allowed')
  })

  test.each([
    ['-A c -p tcp -m tcp --dport 22 -j RETURN', true],
    ['-A c -p tcp -m tcp -m multiport --dports 20:30 -j RETURN', true],
    ['-A c -s 10.0.0.0/8 -p tcp -j RETURN', true],
    ['-A c -j RETURN', true],
    ['-A c -p tcp -m tcp --dport 80 -j RETURN', false],
    ['-A c -p udp -m udp --dport 22 -j RETURN', false],
    ['-A c -m state --state RELATED,ESTABLISHED -j RETURN', false],
    ['-A c -m set --match-set NIPv4abc src -j RETURN', false],
    ['-A c -p tcp -m tcp --dport 22 -j DROP', false],
  ])('%s lets ssh in: %s', (rule, expected) => {
    expect(admitsPort(rule, 22)).toBe(expected)
  })

  test('to an unknown instance is refused, with the existing names', () => {
    expect(() => findWay(lab, topology, 'nobody')).toThrow(/expected: test/)
  })
})

import { describe, expect, test } from 'vitest'
import type { CatalogEntry } from '../../../scripts/cloud/client.ts'
import { type Agent, judgeAgents } from '../../../scripts/health/checks/agents.ts'
import {
  computeCheck,
  judgeHypervisor,
  judgeService,
  type ServiceState,
} from '../../../scripts/health/checks/daemons.ts'
import { entriesOfLab, judgeCatalog } from '../../../scripts/health/checks/endpoints.ts'
import { fixtureLab } from '../../fixtures/lab.ts'

const lab = fixtureLab('kvm')

const agent = (agent_type: string, host: string, changes: Partial<Agent> = {}): Agent => ({
  id: `${agent_type} ${host}`,
  agent_type,
  host,
  alive: true,
  admin_state_up: true,
  heartbeat_timestamp: '2026-11-24 06:00:00',
  ...changes,
})

const allAgents = [
  agent('DHCP agent', 'controller'),
  agent('Metadata agent', 'controller'),
  agent('Linux bridge agent', 'controller'),
  agent('Linux bridge agent', 'compute1'),
]

test('a cloud without a token is one error, for which somebody waits', async () => {
  const cloud = () => Promise.reject(new Error('no token'))
  // A second rejection without a handler would end the process; vitest reports it as an error of the run.
  await expect(computeCheck.observe({ lab, cloud, timeoutFactor: 0 })).rejects.toThrow('no token')
})

describe('network agents', () => {
  test('are three on the controller and one on the compute node', () => {
    expect(judgeAgents(lab, allAgents)).toMatchObject([
      { what: '3 network agents alive on controller', ok: true },
      { what: '1 network agent alive on compute1', ok: true },
    ])
  })

  test('fail on the node where one is dead, and name its unit', () => {
    const [controller, compute] = judgeAgents(lab, [
      ...allAgents.slice(0, 3),
      agent('Linux bridge agent', 'compute1', { alive: false }),
    ])
    expect(controller?.ok).toBe(true)
    expect(compute).toMatchObject({ ok: false, seen: 'Linux bridge agent dead' })
    expect(compute?.next).toContain('./lab ssh compute1 journalctl -u neutron-linuxbridge-agent')
  })

  test('fail where one is missing, or switched off', () => {
    expect(judgeAgents(lab, allAgents.slice(1))[0]).toMatchObject({ ok: false })
    const off = judgeAgents(lab, [agent('DHCP agent', 'controller', { admin_state_up: false }), ...allAgents.slice(1)])
    expect(off[0]?.seen).toContain('DHCP agent switched off')
  })
})

describe('the catalog', () => {
  const entry = (type: string, interfaces = ['public', 'internal', 'admin'], region = 'RegionOne'): CatalogEntry => ({
    type,
    name: type,
    endpoints: interfaces.map((name) => ({ interface: name, region, url: 'http://10.0.0.11' })),
  })
  const full = ['identity', 'image', 'placement', 'compute', 'network', 'volumev3'].map((type) => entry(type))

  test('has all three endpoints of each service that is on', () => {
    expect(judgeCatalog(lab, full)).toEqual([])
  })

  test('fails for a missing service and for a missing interface, and says how to make it', () => {
    const [image, network] = judgeCatalog(lab, [
      ...full.filter(({ type }) => type !== 'image' && type !== 'network'),
      entry('network', ['public', 'admin']),
    ])
    expect(image).toMatchObject({ ok: false, seen: 'no public, internal, admin endpoint' })
    expect(image?.next).toBe('npx tsx scripts/provision.ts glance')
    expect(network).toMatchObject({ ok: false, seen: 'no internal endpoint' })
  })

  test('fails for an endpoint in another region', () => {
    const wrong = full.map((one) => (one.type === 'compute' ? entry('compute', undefined, 'regionOne') : one))
    expect(judgeCatalog(lab, wrong)).toMatchObject([{ ok: false, what: 'catalog has nova, type compute' }])
  })

  test("is asked for the lab's own: a user's service, or his endpoints in another region, may be dead", () => {
    const theirs = [
      entry('backup'),
      { ...entry('dns'), endpoints: [{ interface: 'public', region: '', url: 'http://x' }] },
    ]
    const wide = full.map((one) => ({
      ...one,
      endpoints: [...one.endpoints, { interface: 'public', region: 'Elsewhere', url: 'http://192.0.2.9' }],
    }))
    expect(entriesOfLab(lab, [...theirs, ...wide])).toEqual(full)
    expect(judgeCatalog(lab, [...theirs, ...wide])).toEqual([])
  })

  test('needs no Cinder if Cinder is off, and asks none', () => {
    const off = { ...lab, services: { ...lab.services, cinder: false } }
    expect(judgeCatalog(off, full.slice(0, 5))).toEqual([])
    expect(entriesOfLab(off, full)).toEqual(full.slice(0, 5))
  })
})

describe('compute and volume services', () => {
  const up: ServiceState = { binary: 'nova-compute', host: 'compute1', state: 'up', status: 'enabled' }

  test('hold when up and enabled; Cinder names its backend behind the host', () => {
    expect(judgeService('nova-compute', 'compute1', [up]).ok).toBe(true)
    expect(
      judgeService('cinder-volume', 'controller', [{ ...up, binary: 'cinder-volume', host: 'controller@lvm' }]).ok,
    ).toBe(true)
  })

  test.each([
    [[{ ...up, state: 'down' }], 'down, enabled'],
    [[{ ...up, status: 'disabled' }], 'up, disabled'],
    [[{ ...up, host: 'compute2' }], 'not registered'],
  ])('fail otherwise: %#', (services, seen) => {
    const observation = judgeService('nova-compute', 'compute1', services)
    expect(observation).toMatchObject({ ok: false, seen })
    expect(observation.next).toContain('./lab ssh compute1 journalctl -u nova-compute')
  })

  test('a hypervisor may be listed by its full name, and must be up', () => {
    const listed = { hypervisor_hostname: 'compute1.lab', hypervisor_type: 'QEMU', state: 'up', status: 'enabled' }
    expect(judgeHypervisor(lab, 'compute1', [listed]).ok).toBe(true)
    expect(judgeHypervisor(lab, 'compute1', [{ ...listed, state: 'down' }]).ok).toBe(false)
    expect(judgeHypervisor(lab, 'compute1', [])).toMatchObject({ ok: false, seen: 'not listed' })
  })
})

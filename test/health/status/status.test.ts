import { describe, expect, test } from 'vitest'
import { NoLabError } from '../../../scripts/declaration/errors.ts'
import type { CloudStatus } from '../../../scripts/health/status/cloud.ts'
import { type NodeStatus, parseNode } from '../../../scripts/health/status/nodes.ts'
import { disbelieve, findStale, stoppedUnits } from '../../../scripts/health/status/stale.ts'
import { isHealthy, readStatus, type Status } from '../../../scripts/health/status/status.ts'
import { showStatus } from '../../../scripts/health/status/text.ts'
import { findTroubles } from '../../../scripts/health/status/troubles.ts'
import { statusDocument } from '../../../scripts/lab/documents/health.ts'
import { parseDomains } from '../../../scripts/libvirt/domain-states.ts'
import { showAge } from '../../../scripts/terminal/amounts.ts'
import { temporaryFolder } from '../../fixtures/folder.ts'
import { fixtureLab } from '../../fixtures/lab.ts'

const lab = fixtureLab('lxc')

describe('status', () => {
  test('says that there is no lab, and how to build one: it may be removed while somebody watches', async () => {
    const empty = { ...lab, root: temporaryFolder() }
    await expect(readStatus(empty)).rejects.toThrow(NoLabError)
    await expect(readStatus(empty)).rejects.toThrow('./lab up')
  })

  test('reads libvirt’s words for the state of a domain', () => {
    const table = ' 12   duostack-controller   running\n -    duostack-compute1     shut off\n\n'
    expect([...parseDomains(table)]).toEqual([
      ['duostack-controller', 'running'],
      ['duostack-compute1', 'shut off'],
    ])
  })

  test('reads load, age, memory and units of a node; a unit that systemd does not know is missing', () => {
    const output = `node 0.42 7200 3300 1700000600
unit keystone loaded active enabled S 1700000000
unit glance-api loaded failed enabled - 1600000000
unit apache2 not-found inactive - - -
`
    const units = [
      { service: 'keystone', unit: 'keystone' },
      { service: 'glance', unit: 'glance-api' },
      { service: 'horizon', unit: 'apache2' },
    ] as const
    expect(parseNode(output, units)).toEqual({
      load: 0.42,
      upSeconds: 7200,
      usedMiB: 3300,
      units: [
        { service: 'keystone', unit: 'keystone', state: 'active', sinceSeconds: 600 },
        { service: 'glance', unit: 'glance-api', state: 'failed' },
        { service: 'horizon', unit: 'apache2', state: 'missing' },
      ],
    })
  })

  const controller: NodeStatus = {
    name: 'controller',
    roles: ['controller'],
    address: '10.0.0.11',
    state: 'running',
    memoryMiB: 6144,
    usedMiB: 3072,
    load: 0.5,
    upSeconds: 3700,
    units: [
      { service: 'keystone', unit: 'keystone', state: 'active', sinceSeconds: 700 },
      { service: 'glance', unit: 'glance-api', state: 'active', sinceSeconds: 60 },
    ],
  }
  const off: NodeStatus = {
    name: 'compute1',
    roles: ['compute'],
    address: '10.0.0.31',
    state: 'shut off',
    memoryMiB: 3072,
    silent: 'the domain is shut off',
  }
  const fine = (what: string, kind = what, count = 1) => ({
    ...{ id: what, what, ok: true, seen: 'up', next: '' },
    data: { kind, count },
  })
  const cloud: CloudStatus = {
    endpoints: [fine('glance answers at http://10.0.0.11:9292')],
    agents: [
      fine('3 network agents alive on controller', 'network agent', 3),
      fine('1 network agent alive on compute1', 'network agent'),
      fine('nova-compute up on compute1', 'nova-compute'),
      fine('hypervisor compute1 listed', 'hypervisor'),
    ],
    instances: [
      {
        id: 'i1',
        name: 'test',
        own: true,
        status: 'ACTIVE',
        launched: '2026-01-01T00:00:30',
        address: '203.0.113.110',
        host: 'compute1',
        created: '2026-01-01T00:00:00Z',
      },
    ],
    volumes: [{ id: 'v1', name: 'test-volume', own: true, status: 'in-use', sizeGiB: 1, attachedTo: [] }],
  }
  const status = (nodes: NodeStatus[], seen: CloudStatus): Status => {
    const troubles = findTroubles(nodes, seen)
    const about = { id: '1a2b3c4d', name: 'duostack', hypervisor: 'lxc', isolation: 'netns' } as const
    return { lab: about, healthy: isHealthy(troubles), troubles, nodes, cloud: seen }
  }
  const now = Date.parse('2026-01-01T00:12:00Z')

  test('a healthy lab in a few lines', () => {
    expect(showStatus(status([controller], cloud), 80, now)).toMatchInlineSnapshot(`
      "duostack 1a2b3c4d: lxc, isolation netns: healthy
      nodes (load of this machine: 0.5)
        ✓ controller  running  10.0.0.11  memory 3.0 of 6.0 GiB  up 1 h 1 min
      services (with the time since each started)
        ✓ keystone 11 min  ✓ glance 1 min
      endpoints
        ✓ all 1 answer
      agents and daemons
        ✓ 4 network agents, nova-compute, hypervisor
      instances
        ✓ test  ACTIVE  203.0.113.110  on compute1  age 12 min
      volumes
        ✓ test-volume  in-use  1 GiB"
    `)
  })

  test('what was changed on purpose is named, and no problem', () => {
    const output = 'on-purpose debug nova\non-purpose patch nova fix.patch whole\n'
    const changed = { ...controller, ...parseNode(output, []), units: controller.units! }
    expect(findTroubles([changed], cloud)).toEqual([])
    expect(showStatus(status([changed], cloud), 80, now)).toContain(
      'changed on purpose\n  debug logging: nova (controller)\n  patch: nova fix.patch (controller)',
    )
  })

  test('an impaired instance is named, and leaves the lab healthy; one that is gone is not', () => {
    const output = `node 0.42 7200 3300 1700000600
impair 5a4b2f0c-3f5b-4a2e-9a51-000000000001 42 rate 1000kbit
impair 5a4b2f0c-3f5b-4a2e-9a51-000000000002 42 rate 1000kbit
`
    const impaired = { ...controller, ...parseNode(output, []), units: controller.units! }
    const id = '5a4b2f0c-3f5b-4a2e-9a51-000000000001'
    const seen = status([impaired], { ...cloud, instances: [{ ...cloud.instances[0]!, id }] })
    expect(seen.healthy).toBe(true)
    expect(seen.troubles).toEqual([
      {
        id: `impaired/${id}`,
        what: 'network of instance test',
        seen: 'made worse by ./lab impair: rate 1000kbit, for 42 s more',
        data: { seconds: 42 },
        next: `./lab impair ${id} --off`,
        ofUser: true,
      },
    ])
    expect(statusDocument.schema.safeParse({ schema: statusDocument.id, ...seen }).error).toBeUndefined()
  })

  test('problems come first, causes before their consequences, each with the next command', () => {
    const units = [{ service: 'keystone', unit: 'keystone', state: 'failed' } as const]
    const silent = {
      ...{ id: 'keystone', what: 'Keystone issues a token', ok: false },
      ...{ seen: 'ECONNREFUSED', next: './lab logs keystone' },
    }
    const dead = status([{ ...controller, units }, off], { ...cloud, silent })
    expect(showStatus(dead, 80, now)).toMatchInlineSnapshot(`
      "duostack 1a2b3c4d: lxc, isolation netns: 3 problems
      problems
        ✗ node compute1: the domain is shut off
          ./lab up
        ✗ unit keystone on controller: failed
          ./lab ssh controller journalctl -u keystone -n 50 --no-pager
        ✗ Keystone issues a token: ECONNREFUSED
          ./lab logs keystone
      nodes (load of this machine: 0.5)
        ✓ controller  running   10.0.0.11  memory 3.0 of 6.0 GiB  up 1 h 1 min
        ✗ compute1    shut off  10.0.0.31
      services (with the time since each started)
        ✗ keystone 0 of 1 units
      cloud
        ✗ Keystone issues a token: ECONNREFUSED"
    `)
  })

  test('many problems: the first ones, and how many more', () => {
    const bad = { ...cloud, endpoints: Array.from({ length: 8 }, (_, n) => ({ ...fine(`endpoint ${n}`), ok: false })) }
    const shown = showStatus(status([off], bad), 80, now)
    expect(shown).toContain('and 4 more')
    expect(shown.split('\n').length).toBeLessThan(24)
  })

  test('no line except a problem is wider than the terminal', () => {
    for (const width of [40, 80, 120]) {
      const shown = showStatus(status([controller], cloud), width, now)
        .split('\n')
        .slice(1)
      expect(shown.filter((line) => line.length > width)).toEqual([])
    }
  })

  test.each([
    ['a node nearly out of memory', [{ ...controller, usedMiB: 6000 }], cloud, 'node controller'],
    [
      'an instance in error',
      [controller],
      { ...cloud, instances: [{ ...cloud.instances[0]!, status: 'ERROR' }] },
      'instance test',
    ],
    [
      'a volume in error',
      [controller],
      { ...cloud, volumes: [{ ...cloud.volumes[0]!, status: 'error' }] },
      'volume test-volume',
    ],
    [
      'a dead agent',
      [controller],
      { ...cloud, agents: [{ ...fine('nova-compute up on compute1'), ok: false }] },
      'nova-compute up on compute1',
    ],
  ])('%s is a problem', (_, nodes, seen, what) => {
    expect(findTroubles(nodes, seen).map((one) => one.what)).toEqual([what])
    expect(status(nodes, seen).healthy).toBe(false)
  })

  const theirs = { id: 'i9', name: 'x-$(touch y)', own: false, status: 'ERROR', fault: 'No valid host was found.' }
  const { launched: _, ...never } = cloud.instances[0]!

  test("a user's failed object is listed by id after the lab's problems, and leaves the lab healthy", () => {
    const failed = { ...cloud, instances: [{ ...never, ...theirs }, cloud.instances[0]!] }
    const users = status([controller], failed)
    expect(users.healthy).toBe(true)
    expect(users.troubles).toEqual([
      {
        id: 'instance/i9',
        what: 'instance x-$(touch y)',
        seen: 'ERROR: No valid host was found.',
        next: './lab openstack server show i9 -c fault; ./lab openstack server delete i9',
        ofUser: true,
      },
    ])
    expect(showStatus(users, 80, now)).toContain('healthy, but 1 problem with things that users created')
    expect(status([off], failed).troubles.map(({ ofUser }) => ofUser)).toEqual([false, true])
    expect(status([off], failed).healthy).toBe(false)
  })

  test('an instance that its user has shut off is not a problem; the test instance is', () => {
    const instances = [{ ...cloud.instances[0]!, status: 'SHUTOFF' }]
    expect(findTroubles([], { ...cloud, instances })).toHaveLength(1)
    expect(findTroubles([], { ...cloud, instances: [{ ...instances[0]!, own: false }] })).toEqual([])
  })

  test('a daemon whose unit has stopped is stale, whatever its API still says of it', () => {
    const units = [{ service: 'nova', unit: 'nova-compute', state: 'inactive' } as const]
    const daemons = [{ name: 'nova-compute', node: 'compute1', unit: 'nova-compute' }]
    const compute = { ...off, state: 'running', units }
    const reported = [
      'daemon/nova-compute/compute1',
      'hypervisor/compute1',
      'daemon/nova-compute/compute2',
      'agents/compute1',
    ]
    const observations = reported.map((id) => ({ ...fine(`${id} up`), id }))
    const stale = findStale(daemons, [compute], observations)
    expect(stale).toEqual(reported.slice(0, 2))
    expect(findStale(daemons, [off], observations)).toEqual(stale)
    expect(findStale(daemons, [{ ...compute, units: [{ ...units[0]!, state: 'active' }] }], observations)).toEqual([])
    const told = disbelieve(observations, stoppedUnits(daemons, [compute]))
    expect(told.map(({ ok }) => ok)).toEqual([false, false, true, true])
    expect(told[0]!.seen).toBe('the unit nova-compute on compute1 is not running; the API has not noticed yet: up')
    const seen = { ...cloud, agents: observations, stale }
    const shown = showStatus(status([compute], seen), 200, now)
    expect(shown).toContain(
      '✗ 2 of 4 failed: daemon/nova-compute/compute1 up (stale: its unit has stopped); hypervisor/compute1 up (stale: its unit has stopped)',
    )
  })

  test('shows ages in their two largest units', () => {
    expect([0, 40, 125, 3700, 100_000].map(showAge)).toEqual(['0 s', '40 s', '2 min', '1 h 1 min', '1 d 3 h'])
  })
})

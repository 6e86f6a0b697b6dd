import { describe, expect, test } from 'vitest'
import type { CatalogEntry } from '../../scripts/cloud/client.ts'
import { consoleTarget } from '../../scripts/lab/verify-console.ts'
import { formFields } from '../../scripts/lab/verify-dashboard.ts'
import { judgeLimits } from '../../scripts/lab/verify-demo.ts'
import {
  judgeLease,
  judgeMetadata,
  judgeServer,
  judgeVolume,
  type Server,
  type Volume,
} from '../../scripts/lab/verify-instance.ts'
import { judgeVlan, type Network } from '../../scripts/lab/verify-networks.ts'
import { judgeClock, judgeMapping, judgeUpgradeCheck } from '../../scripts/lab/verify-nodes.ts'
import {
  type Agent,
  judgeAgents,
  judgeCatalog,
  judgeHypervisor,
  judgeService,
  ownEntries,
  type ServiceState,
} from '../../scripts/lab/verify-services.ts'
import { fixtureLab } from '../fixtures/lab.ts'

const lab = fixtureLab('kvm')

const agent = (agent_type: string, host: string, changes: Partial<Agent> = {}): Agent => ({
  agent_type,
  host,
  alive: true,
  admin_state_up: true,
  ...changes,
})

const allAgents = [
  agent('DHCP agent', 'controller'),
  agent('Metadata agent', 'controller'),
  agent('Linux bridge agent', 'controller'),
  agent('Linux bridge agent', 'compute1'),
]

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
    expect(ownEntries(lab, [...theirs, ...wide])).toEqual(full)
    expect(judgeCatalog(lab, [...theirs, ...wide])).toEqual([])
  })

  test('needs no Cinder where Cinder is off, and asks none', () => {
    const off = { ...lab, services: { ...lab.services, cinder: false } }
    expect(judgeCatalog(off, full.slice(0, 5))).toEqual([])
    expect(ownEntries(off, full)).toEqual(full.slice(0, 5))
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

describe("Nova's own check", () => {
  const row = (check: string, result: string) =>
    `| Check: ${check.padEnd(20)} |\n| Result: ${result.padEnd(19)} |\n| Details: None |\n+------+\n`

  test('holds when every result is Success', () => {
    const output = row('Cells v2', 'Success') + row('Placement API', 'Success')
    expect(judgeUpgradeCheck(lab, 0, output)).toMatchObject({ ok: true, seen: '2 checks succeeded' })
  })

  test('names what did not succeed', () => {
    const output = row('Cells v2', 'Failure') + row('Placement API', 'Success')
    expect(judgeUpgradeCheck(lab, 2, output)).toMatchObject({ ok: false, seen: 'Cells v2: Failure' })
  })

  test('does not take silence for success', () => {
    expect(judgeUpgradeCheck(lab, 0, '').ok).toBe(false)
    expect(judgeUpgradeCheck(lab, 1, 'runuser: user nova does not exist')).toMatchObject({
      ok: false,
      seen: 'exit 1: runuser: user nova does not exist',
    })
  })

  test('a host is mapped when list_hosts has its row', () => {
    const table = `+-----------+------+----------+
| Cell Name | Cell UUID | Hostname |
+-----------+------+----------+
|   cell1   | 9d8d | compute1 |
+-----------+------+----------+`
    expect(judgeMapping(lab, 'compute1', table)).toMatchObject({ ok: true, seen: 'cell1' })
    expect(judgeMapping(lab, 'compute2', table)).toMatchObject({ ok: false, seen: 'mapped: compute1' })
    expect(judgeMapping(lab, 'compute2', table).next).toContain('discover_hosts')
  })
})

describe('the clock of the compute node', () => {
  test('follows the controller', () => {
    expect(judgeClock(lab, 'compute1', '^,*,10.0.0.11,10,6,377,12,0.000001,0.000002,0.00003\n')).toMatchObject({
      ok: true,
      seen: 'follows 10.0.0.11, stratum 10',
    })
  })

  test('fails while it follows nobody, or somebody else', () => {
    expect(judgeClock(lab, 'compute1', '^,?,10.0.0.11,0,6,0,-,0,0,0\n')).toMatchObject({
      ok: false,
      seen: 'follows none of: 10.0.0.11 (?)',
    })
    expect(judgeClock(lab, 'compute1', '^,*,192.0.2.1,2,6,377,1,0,0,0\n').ok).toBe(false)
    expect(judgeClock(lab, 'compute1', '').ok).toBe(false)
    expect(judgeClock(lab, 'compute1', '506 Cannot talk to daemon').seen).toContain('506 Cannot talk to daemon')
  })
})

const server: Server = {
  id: '11111111-2222-3333-4444-555555555555',
  name: 'server1',
  status: 'ACTIVE',
  addresses: { provider: [{ addr: '203.0.113.105', version: 4 }] },
  'OS-EXT-SRV-ATTR:host': 'compute1',
}

describe('the instance', () => {
  test('is ACTIVE with an address', () => {
    expect(judgeServer('server1', server)).toMatchObject({ ok: true, seen: 'ACTIVE on compute1, 203.0.113.105' })
    expect(judgeServer('server1', { ...server, addresses: {} }).ok).toBe(false)
    expect(judgeServer('server1', undefined)).toMatchObject({ ok: false, next: './lab up' })
  })

  test("shows Nova's reason when it is in error", () => {
    const broken = { ...server, status: 'ERROR', fault: { message: 'No valid host was found.' } }
    expect(judgeServer('server1', broken)).toMatchObject({ ok: false })
    expect(judgeServer('server1', broken).seen).toContain('No valid host was found.')
  })

  test('has its lease when its console shows the address that Neutron planned', () => {
    expect(judgeLease(lab, server, '203.0.113.105', 'boot\nlease ip=203.0.113.105 mask=24\n').ok).toBe(true)
    expect(judgeLease(lab, server, '203.0.113.105', 'boot\nno lease\n').ok).toBe(false)
    expect(judgeLease(lab, server, '203.0.113.105', 'udhcpc: broadcasting select for 203.0.113.105\n').ok).toBe(false)
    expect(judgeLease(lab, server, '', 'boot\n').ok).toBe(false)
  })

  test('has metadata when what it was told is its own id', () => {
    const inside = { greeting: '', disks: [] }
    expect(judgeMetadata(lab, server, { ...inside, uuid: server.id }).ok).toBe(true)
    expect(judgeMetadata(lab, server, { ...inside, uuid: 'another' }).ok).toBe(false)
    expect(judgeMetadata(lab, server, { ...inside, uuid: '' })).toMatchObject({ ok: false })
  })

  test('sees its volume by serial, whatever the device is called', () => {
    const volume: Volume = {
      id: 'aaaaaaaa-bbbb-cccc-dddd-eeeeeeeeeeee',
      name: 'v',
      status: 'in-use',
      attachments: [{ server_id: server.id, device: '/dev/vdb' }],
    }
    const disk = { name: 'vda', serial: 'aaaaaaaa-bbbb-cccc-d' }
    const inside = { greeting: '', uuid: '', disks: [disk] }
    expect(judgeVolume(lab, server, [volume], inside)).toMatchObject({ ok: true, seen: `vda, serial ${disk.serial}` })
    expect(judgeVolume(lab, server, [volume], { ...inside, disks: [] }).ok).toBe(false)
    expect(judgeVolume(lab, server, [{ ...volume, attachments: [] }], inside)).toMatchObject({
      ok: false,
      seen: 'no volume is attached: v in-use',
    })
  })
})

describe('the VLAN network', () => {
  const vlan = lab.networks.vlan!
  const network: Network = {
    id: 'n',
    name: vlan.name,
    status: 'ACTIVE',
    'provider:network_type': 'vlan',
    'provider:segmentation_id': 101,
  }
  const port = { network_id: 'n', device_owner: 'network:dhcp', status: 'ACTIVE' }

  test('is wired when its DHCP port is ACTIVE', () => {
    expect(judgeVlan(lab, vlan, [network], [port]).ok).toBe(true)
    expect(judgeVlan(lab, vlan, [network], [{ ...port, status: 'DOWN' }]).ok).toBe(false)
    expect(judgeVlan(lab, vlan, [network], []).ok).toBe(false)
    expect(judgeVlan(lab, vlan, [{ ...network, 'provider:segmentation_id': 7 }], [port]).ok).toBe(false)
    expect(judgeVlan(lab, vlan, [], [])).toMatchObject({ ok: false, seen: 'no such network' })
  })
})

describe('console and dashboard', () => {
  test('the console is reached at the proxy itself, under the name that a browser uses', () => {
    expect(consoleTarget('http://127.0.0.1:6080/vnc_lite.html?path=%3Ftoken%3Dabc', '10.0.0.11')).toEqual({
      host: '10.0.0.11',
      port: 6080,
      authority: '127.0.0.1:6080',
      path: '?token=abc',
    })
  })

  test('the login form is sent with every field that it has', () => {
    const html = `<form><input type="hidden" name="csrfmiddlewaretoken" value="abc"><input value='default' name='region'>
      <input name="username" type="text"><input type="submit" value="Sign In"></form>`
    expect(formFields(html)).toEqual({ csrfmiddlewaretoken: 'abc', region: 'default', username: '' })
  })
})

describe('the demo user', () => {
  const limits = { maxTotalInstances: 4, maxTotalCores: 4, maxTotalRAMSize: 2048, totalInstancesUsed: 1 }

  test('has the limits that are declared', () => {
    expect(judgeLimits(lab, limits)).toMatchObject({ ok: true, seen: '1 of 4 instances, 4 cores, 2048 MiB' })
  })

  test('fails with any other limit, and names its service', () => {
    for (const [name, value] of Object.entries(limits).slice(0, 3)) {
      const judged = judgeLimits(lab, { ...limits, [name]: value + 1 })
      expect(judged).toMatchObject({ ok: false, next: 'npx tsx scripts/provision.ts demo --dry-run' })
    }
  })
})

import { describe, expect, onTestFinished, test } from 'vitest'
import { type CloudClient, signIn } from '../../scripts/cloud/client.ts'
import type { MarkedObject } from '../../scripts/cloud/marked-objects.ts'
import { knownObjects, orphansAmong, removeOrphans } from '../../scripts/cloud/orphans.ts'
import { fixtureLab } from '../fixtures/lab.ts'
import { type FakeAnswer, type FakeCloud, fakeCloud } from './fake-cloud.ts'

/** Polls every twentieth of a second. */
const lab = { ...fixtureLab('kvm'), services: { ...fixtureLab('kvm').services, cinder: false }, timeScale: 0.05 }
const mark = 'Duostack lab 1a2b3c4d'

const stateWith = (type: string, id: string) =>
  JSON.stringify({ resources: [{ type, instances: [{ attributes: { id } }] }] })

const object = (type: string, id: string): MarkedObject => ({ type, id, name: id, service: 'compute', path: `/${id}` })

/** A cloud with one object of each kind: our network, our server and somebody else's, our key and somebody else's. */
async function cloudWithObjects(): Promise<{ cloud: FakeCloud; client: CloudClient }> {
  const cloud = await fakeCloud()
  onTestFinished(() => cloud[Symbol.asyncDispose]())
  const listed: Record<string, unknown> = {
    '/compute/v2.1/servers/detail?all_tenants=1': {
      servers: [
        { id: 's1', name: 'server1', metadata: { duostack_lab: '1a2b3c4d' } },
        { id: 's2', name: 'mine', metadata: {} },
        { id: 's3', name: 'server1', metadata: { duostack_lab: 'ffffffff' } },
      ],
    },
    '/compute/v2.1/os-keypairs': {
      keypairs: [
        { keypair: { name: 'duostack', public_key: `ssh-ed25519 AAAA ${mark}` } },
        { keypair: { name: 'mine', public_key: 'ssh-ed25519 AAAA me@home' } },
      ],
    },
    '/v2/images?tag=duostack-1a2b3c4d': { images: [] },
    '/network/v2.0/networks?description=Duostack+lab+1a2b3c4d': { networks: [{ id: 'n1', name: 'provider' }] },
  }
  for (const kind of ['ports', 'security-groups', 'security-group-rules', 'subnets']) {
    listed[`/network/v2.0/${kind}?description=Duostack+lab+1a2b3c4d`] = { [kind.replaceAll('-', '_')]: [] }
  }
  listed['/compute/v2.1/flavors/detail?is_public=None'] = { flavors: [{ id: 'f1', name: 'big', description: null }] }
  listed['/network/v2.0/networks'] = { networks: [network('n1', 'flat', null), network('n2', 'vlan', 7)] }
  listed['/network/v2.0/ports'] = { ports: [own, ofNova, dhcp] }
  for (const [path, body] of Object.entries(listed)) cloud.answers[`GET ${path}`] = [200, body]
  for (const path of ['/compute/v2.1/servers/s1', '/compute/v2.1/os-keypairs/duostack', '/network/v2.0/networks/n1']) {
    cloud.answers[`DELETE ${path}`] = [204, undefined]
  }
  const access = {
    authUrl: `${cloud.url}/v3`,
    name: 'admin',
    password: 'x',
    region: 'RegionOne',
    timeoutSeconds: 2,
    controller: 'c',
  }
  return { cloud, client: await signIn(access) }
}

/** Of the ordinary user: the lab's, and one that bears its mark under another name. */
const demoKeys = {
  '/v3/users?name=demo&domain_id=default': { users: [{ id: 'u7' }] },
  '/compute/v2.1/os-keypairs?user_id=u7': {
    keypairs: [
      { keypair: { name: 'duostack-demo', public_key: `ssh-ed25519 AAAA ${mark}` } },
      { keypair: { name: 'copy', public_key: `ssh-ed25519 AAAA ${mark}` } },
    ],
  },
}

/** The lab's own port on its network. */
const own = { network_id: 'n1', device_id: 's1', device_owner: 'compute:nova', description: mark }
/** A traced launch gets its port from Nova. */
const ofNova = { ...own, description: '' }
const dhcp = { network_id: 'n1', device_id: 'dhcp1', device_owner: 'network:dhcp', description: '' }

const network = (id: string, type: string, segment: number | null) => ({
  id,
  name: id,
  'provider:physical_network': 'provider',
  'provider:network_type': type,
  'provider:segmentation_id': segment,
})

const deleted = (cloud: FakeCloud) => cloud.asked.filter(({ method }) => method === 'DELETE').map(({ path }) => path)

describe('what a killed run left in the cloud', () => {
  test('is removed, the instance before its network, and nothing that belongs to others', async () => {
    const { cloud, client } = await cloudWithObjects()
    expect(await removeOrphans(client, lab, '')).toEqual([
      'openstack_compute_instance_v2 server1',
      'openstack_networking_network_v2 provider',
      'openstack_compute_keypair_v2 duostack',
    ])
    expect(deleted(cloud)).toEqual([
      '/compute/v2.1/servers/s1',
      '/network/v2.0/networks/n1',
      '/compute/v2.1/os-keypairs/duostack',
    ])
  })

  test('has no routers while Neutron does not know any, in a lab that is only now given them', async () => {
    const { cloud, client } = await cloudWithObjects()
    cloud.answers['GET /v3/users?name=demo&domain_id=default'] = [200, { users: [] }]
    const removed = await removeOrphans(client, { ...lab, networking: 'self-service' }, '')
    expect(removed).toEqual(await removeOrphans((await cloudWithObjects()).client, lab, ''))
  })

  test('loses its floating IP, then the interfaces of its router, then the router, before networks', async () => {
    const { cloud, client } = await cloudWithObjects()
    const marked = 'description=Duostack+lab+1a2b3c4d'
    const path = '/network/v2.0'
    const listed = {
      [`${path}/floatingips?${marked}`]: { floatingips: [{ id: 'fip1' }] },
      [`${path}/routers?${marked}`]: { routers: [{ id: 'rt1', name: 'router' }] },
      [`${path}/ports?device_id=rt1&device_owner=network%3Arouter_interface`]: { ports: [{ id: 'if1' }] },
    }
    for (const [asked, body] of Object.entries({ ...listed, ...demoKeys })) cloud.answers[`GET ${asked}`] = [200, body]
    cloud.answers['DELETE /compute/v2.1/os-keypairs/duostack-demo?user_id=u7'] = [202, undefined]
    for (const one of ['floatingips/fip1', 'routers/rt1']) cloud.answers[`DELETE ${path}/${one}`] = [204, undefined]
    cloud.answers[`PUT ${path}/routers/rt1/remove_router_interface`] = [200, {}]
    expect(await removeOrphans(client, { ...lab, networking: 'self-service' }, '')).toEqual([
      'openstack_compute_instance_v2 server1',
      'openstack_networking_floatingip_v2 fip1',
      'openstack_networking_router_interface_v2 of router router',
      'openstack_networking_router_v2 router',
      'openstack_networking_network_v2 provider',
      'openstack_compute_keypair_v2 duostack',
      'openstack_compute_keypair_v2 duostack-demo',
    ])
    expect(cloud.asked.find(({ method }) => method === 'PUT')?.body).toBe('{"port_id":"if1"}')
    expect(deleted(cloud)).not.toContain(`${path}/ports/if1`)
  })

  test("is not removed under a user's server, which is named", async () => {
    const { cloud, client } = await cloudWithObjects()
    const theirs = { ...own, device_id: 's9', description: '' }
    cloud.answers['GET /network/v2.0/ports'] = [
      200,
      { ports: [own, dhcp, theirs, theirs, { ...theirs, network_id: 'n9' }] },
    ]
    await expect(removeOrphans(client, lab, '')).rejects.toThrow(/servers use it: s9\n[\s\S]*server delete s9 && /)
    expect(deleted(cloud)).toEqual([])
  })

  test('a port names any device that its owner likes: the command to paste quotes it', async () => {
    const { cloud, client } = await cloudWithObjects()
    const theirs = { ...own, device_id: "x'; reboot #", description: '' }
    cloud.answers['GET /network/v2.0/ports'] = [200, { ports: [own, theirs] }]
    await expect(removeOrphans(client, lab, '')).rejects.toThrow(
      String.raw`server delete 'x'\''; reboot #' && ./lab up`,
    )
  })

  test("nor under a user's port without a server", async () => {
    const { cloud, client } = await cloudWithObjects()
    const theirs = { ...own, id: 'p9', device_id: '', device_owner: '', description: '' }
    cloud.answers['GET /network/v2.0/ports'] = [200, { ports: [own, dhcp, theirs] }]
    await expect(removeOrphans(client, lab, '')).rejects.toThrow(/ports use it: p9\n[\s\S]*port delete p9 && /)
    expect(deleted(cloud)).toEqual([])
  })

  test("is only what is not in Terraform's state", async () => {
    const { cloud, client } = await cloudWithObjects()
    await removeOrphans(client, lab, stateWith('openstack_compute_instance_v2', 's1'))
    expect(deleted(cloud)).not.toContain('/compute/v2.1/servers/s1')
  })

  test('is waited for until it is gone', async () => {
    const { cloud, client } = await cloudWithObjects()
    const answers = [[200, { server: { status: 'ACTIVE' } }] as const, [404, {}] as const]
    cloud.answers['GET /compute/v2.1/servers/s1'] = () => [...answers.shift()!]
    await removeOrphans(client, lab, '')
    expect(answers).toEqual([])
  })

  test('is deleted again if that was not possible yet', async () => {
    const { cloud, client } = await cloudWithObjects()
    const answers: FakeAnswer[] = [
      [409, {}],
      [204, undefined],
    ]
    cloud.answers['DELETE /compute/v2.1/servers/s1'] = () => answers.shift()!
    cloud.answers['GET /compute/v2.1/servers/s1'] = () => (answers.length ? [200, {}] : [404, {}])
    await removeOrphans(client, lab, '')
    expect(answers).toEqual([])
  })

  test('is reported with its status if it is not deleted in time', async () => {
    const { cloud, client } = await cloudWithObjects()
    cloud.answers['DELETE /compute/v2.1/servers/s1'] = [409, {}]
    cloud.answers['GET /compute/v2.1/servers/s1'] = [200, { server: { status: 'deleting' } }]
    await expect(removeOrphans(client, { ...lab, timeScale: 0.002 }, '')).rejects.toThrow('last answer: still deleting')
  })

  test("an attachment that is not in Terraform's state is removed, unless its server is removed anyway", () => {
    const attachment = object('openstack_compute_volume_attach_v2', 's1/v1')
    const server = object('openstack_compute_instance_v2', 's1')
    const known = knownObjects(stateWith('openstack_compute_instance_v2', 's1'))
    expect(orphansAmong([attachment, server], known)).toEqual([attachment])
    expect(orphansAmong([attachment, server], new Set())).toEqual([server])
  })

  test('a missing or empty state knows nothing', () => {
    expect(knownObjects('').size).toBe(0)
    expect(knownObjects('{"version": 4}').size).toBe(0)
  })
})

describe("what a user has created in place of the lab's own objects", () => {
  const rule = (id: string, changes = {}) => ({
    id,
    security_group_id: 'g1',
    direction: 'ingress',
    ethertype: 'IPv4',
    protocol: 'icmp',
    port_range_min: null,
    port_range_max: null,
    remote_ip_prefix: '0.0.0.0/0',
    remote_group_id: null,
    ...changes,
  })

  async function cloudWithRules(...rules: object[]) {
    const made = await cloudWithObjects()
    const { answers } = made.cloud
    answers[`GET /network/v2.0/security-groups?description=Duostack+lab+1a2b3c4d`] = [
      200,
      { security_groups: [{ id: 'g1', name: 'ping-and-ssh' }] },
    ]
    answers['GET /network/v2.0/security-group-rules?direction=ingress&security_group_id=g1'] = [
      200,
      { security_group_rules: rules },
    ]
    for (const id of ['r1', 'r2', 'r3']) answers[`DELETE /network/v2.0/security-group-rules/${id}`] = [204, undefined]
    answers['DELETE /network/v2.0/security-groups/g1'] = [204, undefined]
    return made
  }

  test("a rule identical to the lab's is removed before the lab creates its own; other rules stay", async () => {
    const ssh = { protocol: 'tcp', port_range_min: 22, port_range_max: 22 }
    const { cloud, client } = await cloudWithRules(
      rule('r1'),
      rule('r2', { ...ssh, remote_ip_prefix: null }),
      rule('r3', { ...ssh, port_range_min: 80, port_range_max: 80 }),
      rule('r4', { remote_ip_prefix: '10.0.0.0/8' }),
      rule('r5', { ethertype: 'IPv6' }),
      rule('r6', { remote_group_id: 'g1', remote_ip_prefix: null }),
    )
    await removeOrphans(client, lab, '')
    const gone = deleted(cloud).filter((path) => path.includes('security-group-rules'))
    expect(gone).toEqual(['/network/v2.0/security-group-rules/r1', '/network/v2.0/security-group-rules/r2'])
  })

  test("the lab's own rule in Terraform's state stays, even without its description", async () => {
    const { cloud, client } = await cloudWithRules(rule('r1'))
    await removeOrphans(client, lab, stateWith('openstack_networking_secgroup_rule_v2', 'r1'))
    expect(deleted(cloud)).not.toContain('/network/v2.0/security-group-rules/r1')
  })

  test.each([
    ['flavor', '/compute/v2.1/flavors/detail?is_public=None', { flavors: [{ id: 'f9', name: lab.cloud.flavor.name }] }],
    ['network', '/network/v2.0/networks', { networks: [network('f9', 'flat', null)] }],
  ])('a %s is refused by its id before anything is touched', async (kind, path, body) => {
    const { cloud, client } = await cloudWithRules(rule('r1'))
    cloud.answers[`GET ${path}`] = [200, body]
    const refused = removeOrphans(client, lab, '')
    await expect(refused).rejects.toThrow(`hint: ./lab openstack ${kind} delete f9 && ./lab up`)
    expect(deleted(cloud)).toEqual([])
  })

  test("a flavor in Terraform's state is the lab's own, whatever its description", async () => {
    const { cloud, client } = await cloudWithRules()
    const flavors = [{ id: 'f9', name: lab.cloud.flavor.name, description: null }]
    cloud.answers['GET /compute/v2.1/flavors/detail?is_public=None'] = [200, { flavors }]
    await removeOrphans(client, lab, stateWith('openstack_compute_flavor_v2', 'f9'))
  })
})

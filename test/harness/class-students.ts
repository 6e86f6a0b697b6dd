/**
 * Run inside the lab, `class-students.ts ATTACKER VICTIM`: what one student of a class sees of another one's, may change of
 * it, and may use up.
 */

import { readPassword } from '../../scripts/class/sheet.ts'
import { type CloudClient, openCloud } from '../../scripts/cloud/client.ts'
import { passwordLogin } from '../../scripts/cloud/request.ts'
import { NotReadyError } from '../../scripts/declaration/errors.ts'
import { isSelfService } from '../../scripts/declaration/lab.ts'
import { loadLab } from '../../scripts/declaration/load.ts'
import { loadSecrets } from '../../scripts/declaration/secrets.ts'
import { timeouts } from '../../scripts/run/timeouts.ts'

/** Printed as JSON. */
export interface Isolation {
  /** Lists in which something of the victim's is. */
  seen: string[]
  /** The answer to each request for something of the victim's. */
  refused: Record<string, number>
  /** How many the attacker could make of each, and the answer to the next one. */
  exhausted: Record<string, { made: number; answer: number }>
  /** What the victim can still make afterwards; the answers. */
  left: Record<string, number>
}

type Id = { id: string }

const lab = loadLab()
const passwordOf = (login: string) => readPassword(lab, { login })!
const signIn = (login: string) => {
  const user = { name: login, password: passwordOf(login) }
  return openCloud(lab, loadSecrets(lab.root), timeouts.cloud.request.seconds, user)
}
const [attackerName = '', victimName = ''] = process.argv.slice(2)
const [attacker, victim] = [await signIn(attackerName), await signIn(victimName)]

/** The status of the answer. */
const statusOf = (asked: Promise<unknown>): Promise<number> =>
  asked.then(
    () => 200,
    (error: unknown) => {
      if (error instanceof NotReadyError) return Number.parseInt(error.lastAnswer, 10)
      throw error
    },
  )

const first = async (cloud: CloudClient, type: string, path: string, key: string) =>
  (await cloud.get<Record<string, Id[]>>(type, path))[key]?.[0]?.id

/** A server without a disk to fetch would be none: the lab's image, the smallest flavor. */
async function serverBody(cloud: CloudClient, name: string, networks: readonly object[] | 'none') {
  const [image, flavors] = await Promise.all([
    first(cloud, 'image', '/v2/images?name=duostack-test', 'images'),
    cloud.get<{ flavors: (Id & { ram: number })[] }>('compute', '/flavors/detail'),
  ])
  const flavor = flavors.flavors.toSorted((a, b) => a.ram - b.ram)[0]!.id
  return { server: { name, imageRef: image, flavorRef: flavor, networks } }
}

const headers = { 'OpenStack-API-Version': 'compute 2.37' }
const launch = async (cloud: CloudClient, name: string, networks: readonly object[] | 'none') =>
  cloud.post<{ server: Id }>('compute', '/servers', { headers, body: await serverBody(cloud, name, networks) })

const ownNetwork = (cloud: CloudClient, login: string) =>
  first(cloud, 'network', `/v2.0/networks?name=${isSelfService(lab) ? login : 'provider'}`, 'networks')

interface Property {
  network: string
  port: string
  group: string
  server: string
  image: string
  volume?: string
  router?: string
  project: string
  user: string
}

async function furnish(cloud: CloudClient, login: string): Promise<Property> {
  const network = (await ownNetwork(cloud, login))!
  const port = await cloud.post<{ port: Id }>('network', '/v2.0/ports', { body: { port: { network_id: network } } })
  const group = await cloud.post<{ security_group: Id }>('network', '/v2.0/security-groups', {
    body: { security_group: { name: 'mine' } },
  })
  const { server } = await launch(cloud, 'mine', [{ port: port.port.id }])
  const image = await cloud.post<Id>('image', '/v2/images', {
    body: { name: 'mine', disk_format: 'raw', container_format: 'bare' },
  })
  const volume = lab.services.cinder
    ? {
        volume: (await cloud.post<{ volume: Id }>('volumev3', '/volumes', { body: { volume: { size: 1 } } })).volume.id,
      }
    : {}
  const router = isSelfService(lab) ? { router: (await first(cloud, 'network', '/v2.0/routers', 'routers'))! } : {}
  const user = (await cloud.get<{ server: { user_id: string } }>('compute', `/servers/${server.id}`)).server.user_id
  const made = { network, port: port.port.id, group: group.security_group.id, server: server.id, image: image.id }
  return { ...made, ...volume, ...router, project: cloud.projectId, user }
}

const lists: readonly (readonly [type: string, path: string])[] = [
  ['compute', '/servers/detail'],
  ['compute', '/servers/detail?all_tenants=1'],
  ['network', '/v2.0/networks'],
  ['network', '/v2.0/subnets'],
  ['network', '/v2.0/ports'],
  ['network', '/v2.0/security-groups'],
  ['network', '/v2.0/security-group-rules'],
  ['image', '/v2/images'],
  ...(isSelfService(lab)
    ? ([
        ['network', '/v2.0/routers'],
        ['network', '/v2.0/floatingips'],
      ] as const)
    : []),
  ...(lab.services.cinder ? ([['volumev3', '/volumes/detail?all_tenants=1']] as const) : []),
  ['identity', '/auth/projects'],
]

/** On a provider lab the network is shared, and to be seen. */
async function findSeen(own: Property): Promise<string[]> {
  const { network, ...rest } = own
  const ids = Object.values(isSelfService(lab) ? { network, ...rest } : rest)
  const seen = await Promise.all(
    lists.map(async ([type, path]) => {
      const answer = await attacker.get(type, path, { allow: [403] })
      return ids.some((id) => JSON.stringify(answer ?? {}).includes(id)) ? [`${type} ${path}`] : []
    }),
  )
  return seen.flat()
}

/** Requests of the attacker, by what they would do. */
function attempts({ network, port, group, server, image, volume, router, project, user }: Property) {
  const { get, put, post, patch, delete: remove } = attacker
  const ofServer = `/servers/${server}`
  const rule = { security_group_id: group, direction: 'ingress', protocol: 'icmp' }
  const jsonPatch = { 'Content-Type': 'application/openstack-images-v2.1-json-patch' }
  const requests: Record<string, () => Promise<unknown>> = {
    'show the server': () => get('compute', ofServer),
    'rename the server': () => put('compute', ofServer, { body: { server: { name: 'owned' } } }),
    'stop the server': () => post('compute', `${ofServer}/action`, { body: { 'os-stop': null } }),
    "read the server's console": () => post('compute', `${ofServer}/action`, { body: { 'os-getConsoleOutput': {} } }),
    'delete the server': () => remove('compute', ofServer),
    'show the port': () => get('network', `/v2.0/ports/${port}`),
    'change the port': () => put('network', `/v2.0/ports/${port}`, { body: { port: { admin_state_up: false } } }),
    'launch with the port': () => launch(attacker, 'thief', [{ port }]),
    'change the security group': () =>
      post('network', '/v2.0/security-group-rules', { body: { security_group_rule: rule } }),
    'delete the security group': () => remove('network', `/v2.0/security-groups/${group}`),
    'show the image': () => get('image', `/v2/images/${image}`),
    'change the image': () =>
      patch('image', `/v2/images/${image}`, {
        headers: jsonPatch,
        body: [{ op: 'replace', path: '/name', value: 'owned' }],
      }),
    'delete the image': () => remove('image', `/v2/images/${image}`),
    'raise the own quota': () =>
      put('compute', `/os-quota-sets/${attacker.projectId}`, { body: { quota_set: { instances: 50 } } }),
    "lower the other's quota": () => put('compute', `/os-quota-sets/${project}`, { body: { quota_set: { cores: 0 } } }),
    "raise the own network's quota": () =>
      put('network', `/v2.0/quotas/${attacker.projectId}`, { body: { quota: { port: 50 } } }),
    'show the project': () => get('identity', `/projects/${project}`),
    'list users': () => get('identity', '/users'),
    "change the user's password": () =>
      patch('identity', `/users/${user}`, { body: { user: { password: 'owned123' } } }),
    'sign in to the project': () =>
      post('identity', '/auth/tokens', { body: passwordLogin(attackerName, passwordOf(attackerName), victimName) }),
    "list the user's keys": () => get('compute', `/os-keypairs?user_id=${user}`, { headers }),
  }
  const ofNetwork: typeof requests = {
    'show the network': () => get('network', `/v2.0/networks/${network}`),
    'change the network': () => put('network', `/v2.0/networks/${network}`, { body: { network: { name: 'owned' } } }),
    'delete the network': () => remove('network', `/v2.0/networks/${network}`),
    'make a port in the network': () => post('network', '/v2.0/ports', { body: { port: { network_id: network } } }),
    'launch on the network': () => launch(attacker, 'thief', [{ uuid: network }]),
    'change the router': () => put('network', `/v2.0/routers/${router}`, { body: { router: { name: 'owned' } } }),
    'delete the router': () => remove('network', `/v2.0/routers/${router}`),
    'share a network with everybody': async () => {
      const object_id = await ownNetwork(attacker, attackerName)
      const policy = { object_type: 'network', object_id, action: 'access_as_shared', target_tenant: '*' }
      return post('network', '/v2.0/rbac-policies', { body: { rbac_policy: policy } })
    },
  }
  const ofVolume: typeof requests = {
    'show the volume': () => get('volumev3', `/volumes/${volume}`),
    'delete the volume': () => remove('volumev3', `/volumes/${volume}`),
    'copy the volume': () => post('volumev3', '/volumes', { body: { volume: { size: 1, source_volid: volume } } }),
    'snapshot the volume': () =>
      post('volumev3', '/snapshots', { body: { snapshot: { volume_id: volume, force: true } } }),
  }
  return { ...requests, ...(router ? ofNetwork : {}), ...(volume ? ofVolume : {}) }
}

/** So many at most: a quota that holds nobody back would never answer. */
const tries = 60

async function useUp(make: (number: number) => Promise<unknown>) {
  for (let made = 0; made < tries; made++) {
    const answer = await statusOf(make(made))
    if (answer !== 200) return { made, answer }
  }
  return { made: tries, answer: 200 }
}

/** One more than the quota, in one request: nothing is launched, which would use up the node's memory. */
async function launchTooMany(): Promise<number> {
  type Quota = { quota_set: { instances: number } }
  const { quota_set: quota } = await attacker.get<Quota>('compute', `/os-quota-sets/${attacker.projectId}`)
  const { server } = await serverBody(attacker, 'many', 'none')
  const body = { server: { ...server, min_count: quota.instances + 1, max_count: quota.instances + 1 } }
  return statusOf(attacker.post('compute', '/servers', { headers, body }))
}

async function exhaust(): Promise<Isolation['exhausted']> {
  const network = await ownNetwork(attacker, attackerName)
  const neutron = (kind: string, body: object) => () =>
    attacker.post('network', `/v2.0/${kind}s`, { body: { [kind]: body } })
  const provider = await first(attacker, 'network', '/v2.0/networks?name=provider', 'networks')
  const volumes = { volume: { size: 1 } }
  return {
    servers: { made: 0, answer: await launchTooMany() },
    ...(lab.services.cinder
      ? { volumes: await useUp(() => attacker.post('volumev3', '/volumes', { body: volumes })) }
      : {}),
    ...(isSelfService(lab)
      ? {
          'floating IPs': await useUp(neutron('floatingip', { floating_network_id: provider })),
          routers: await useUp(neutron('router', { name: 'many' })),
          networks: await useUp(neutron('network', { name: 'many' })),
        }
      : {}),
    ports: await useUp(neutron('port', { network_id: network })),
  }
}

const own = await furnish(victim, victimName)
const seen = await findSeen(own)
const refused: Isolation['refused'] = {}
for (const [what, ask] of Object.entries(attempts(own))) refused[what] = await statusOf(ask())
const exhausted = await exhaust()
const left: Isolation['left'] = {
  server: await statusOf(victim.get('compute', `/servers/${own.server}`)),
  port: await statusOf(victim.post('network', '/v2.0/ports', { body: { port: { network_id: own.network } } })),
}
console.log(JSON.stringify({ seen, refused, exhausted, left } satisfies Isolation, null, 1))

/** What the services say of themselves: network agents, every endpoint of the catalog, compute and volume services. */

import type { CatalogEntry, CloudClient } from '../../cloud/client.ts'
import { lookAtUnit, serviceOfType, whereToLook } from '../../cloud/where-to-look.ts'
import { controllerOf, type Lab, type LabNode, nodesWith } from '../../declaration/lab.ts'
import { failed, type Observation, observeUntil, type Watch } from './observation.ts'

export interface Agent {
  agent_type: string
  host: string
  alive: boolean
  admin_state_up: boolean
}

const agentUnits: Readonly<Record<string, string>> = {
  'DHCP agent': 'neutron-dhcp-agent',
  'Metadata agent': 'neutron-metadata-agent',
  'Linux bridge agent': 'neutron-linuxbridge-agent',
}

/** Three on the controller, the one that wires ports on each compute node. */
function expectedAgents(node: LabNode): string[] {
  if (node.roles.includes('controller')) return Object.keys(agentUnits)
  return node.roles.includes('compute') ? ['Linux bridge agent'] : []
}

/** One line for each node that should have agents. */
export function judgeAgents(lab: Lab, agents: readonly Agent[]): Observation[] {
  return lab.nodes.flatMap((node) => {
    const wanted = expectedAgents(node)
    if (!wanted.length) return []
    const stateOf = (type: string) => {
      const agent = agents.find(({ agent_type, host }) => agent_type === type && host === node.name)
      if (!agent) return 'missing'
      return agent.alive ? (agent.admin_state_up ? 'alive' : 'switched off') : 'dead'
    }
    const bad = wanted.filter((type) => stateOf(type) !== 'alive')
    const unit = agentUnits[bad[0] ?? '']
    return [
      {
        what: `${wanted.length} network ${wanted.length === 1 ? 'agent' : 'agents'} alive on ${node.name}`,
        ok: !bad.length,
        seen: wanted.map((type) => `${type} ${stateOf(type)}`).join(', '),
        next: unit ? lookAtUnit(node.name, unit, `/var/log/neutron/${unit}.log`) : './lab openstack network agent list',
      },
    ]
  })
}

export async function observeAgents(watch: Watch): Promise<Observation[]> {
  return observeUntil(watch, 'network agents alive', 90, async () => {
    const { agents } = await (await watch.cloud()).get<{ agents: Agent[] }>('network', '/v2.0/agents')
    return judgeAgents(watch.lab, agents)
  })
}

/** A request of each service that needs its database and a valid token, so that an answer means a working service. */
const questions: Readonly<Record<string, string>> = {
  identity: '/projects?limit=1',
  image: '/v2/images?limit=1',
  placement: '/resource_providers',
  compute: '/servers?limit=1',
  network: '/v2.0/networks?limit=1',
  volumev3: '/volumes?limit=1',
}

const interfaces = ['public', 'internal', 'admin']

/** Catalog type and service of what is on. */
const wantedTypes = (lab: Lab) => Object.entries(serviceOfType).filter(([, service]) => lab.services[service])

/** What the catalog has of the lab's own: other types and other regions are a user's, whose endpoints may be dead. */
export function entriesOfLab(lab: Lab, catalog: readonly CatalogEntry[]): CatalogEntry[] {
  const types = wantedTypes(lab).map(([type]) => type)
  return catalog
    .filter(({ type }) => types.includes(type))
    .map((entry) => ({ ...entry, endpoints: entry.endpoints.filter(({ region }) => region === lab.region) }))
}

/** A service that is on but has no entry, or lacks one of its three interfaces in this region. */
export function judgeCatalog(lab: Lab, catalog: readonly CatalogEntry[]): Observation[] {
  const own = entriesOfLab(lab, catalog)
  return wantedTypes(lab).flatMap(([type, service]) => {
    const endpoints = own.filter((entry) => entry.type === type).flatMap((entry) => entry.endpoints)
    const missing = interfaces.filter((name) => !endpoints.some((endpoint) => endpoint.interface === name))
    if (!missing.length) return []
    const what = `catalog has ${service}, type ${type}`
    return [
      { what, ok: false, seen: `no ${missing.join(', ')} endpoint`, next: `npx tsx scripts/provision.ts ${service}` },
    ]
  })
}

async function askEndpoint(watch: Watch, cloud: CloudClient, entry: CatalogEntry, url: string): Promise<Observation> {
  const what = `${entry.name} answers at ${url}`
  const started = performance.now()
  const base = url.replace(/\/$/, '')
  try {
    // Keystone's catalog may name the server without the version of its API.
    const path = `${entry.type === 'identity' && !base.endsWith('/v3') ? '/v3' : ''}${questions[entry.type]}`
    await cloud.get(entry.type, `${base}${path}`)
    const seconds = ((performance.now() - started) / 1000).toFixed(1)
    return { what, ok: true, seen: `200 in ${seconds} s`, next: '' }
  } catch (error) {
    return { ...failed(what, error), next: whereToLook(entry.type, controllerOf(watch.lab).name) }
  }
}

/** One line for each address of the lab's own in the catalog; the three interfaces of a service mostly share one. */
export async function observeEndpoints(watch: Watch): Promise<Observation[]> {
  return observeUntil(watch, 'every endpoint of the catalog answers', 60, async () => {
    const cloud = await watch.cloud()
    const targets = entriesOfLab(watch.lab, cloud.catalog).flatMap((entry) =>
      [...new Set(entry.endpoints.map(({ url }) => url))].map((url) => askEndpoint(watch, cloud, entry, url)),
    )
    return [...judgeCatalog(watch.lab, cloud.catalog), ...(await Promise.all(targets))]
  })
}

export interface ServiceState {
  binary: string
  host: string
  state: string
  status: string
}

/** One daemon that reports to its service over the message queue. Cinder's hosts read `host@backend`. */
export function judgeService(binary: string, node: string, services: readonly ServiceState[]): Observation {
  const found = services.find((one) => one.binary === binary && one.host.split('@')[0] === node)
  const project = binary.split('-')[0]!
  return {
    what: `${binary} up on ${node}`,
    ok: found?.state === 'up' && found.status === 'enabled',
    seen: found ? `${found.state}, ${found.status}` : 'not registered',
    next: lookAtUnit(node, binary, `/var/log/${project}/${binary}.log`),
  }
}

export interface Hypervisor {
  hypervisor_hostname: string
  hypervisor_type: string
  state: string
  status: string
}

export function judgeHypervisor(lab: Lab, node: string, hypervisors: readonly Hypervisor[]): Observation {
  const found = hypervisors.find(({ hypervisor_hostname: name }) => name === node || name.startsWith(`${node}.`))
  return {
    what: `hypervisor ${node} listed`,
    ok: found?.state === 'up',
    seen: found ? `${found.hypervisor_type}, ${found.state}, ${found.status}` : 'not listed',
    next: `./lab ssh ${controllerOf(lab).name} nova-manage cell_v2 discover_hosts --verbose`,
  }
}

export async function observeCompute(watch: Watch): Promise<Observation[]> {
  const controller = controllerOf(watch.lab).name
  const computes = nodesWith(watch.lab, 'compute').map(({ name }) => name)
  return observeUntil(watch, 'compute services up', 90, async () => {
    const cloud = await watch.cloud()
    const [{ services }, { hypervisors }] = await Promise.all([
      cloud.get<{ services: ServiceState[] }>('compute', '/os-services'),
      cloud.get<{ hypervisors: Hypervisor[] }>('compute', '/os-hypervisors/detail'),
    ])
    return [
      ...['nova-scheduler', 'nova-conductor'].map((binary) => judgeService(binary, controller, services)),
      ...computes.map((node) => judgeService('nova-compute', node, services)),
      ...computes.map((node) => judgeHypervisor(watch.lab, node, hypervisors)),
    ]
  })
}

export async function observeVolumeServices(watch: Watch): Promise<Observation[]> {
  if (!watch.lab.services.cinder) return []
  const controller = controllerOf(watch.lab).name
  const storage = nodesWith(watch.lab, 'storage').map(({ name }) => name)
  return observeUntil(watch, 'volume services up', 90, async () => {
    const { services } = await (await watch.cloud()).get<{ services: ServiceState[] }>('volumev3', '/os-services')
    return [
      judgeService('cinder-scheduler', controller, services),
      ...storage.map((node) => judgeService('cinder-volume', node, services)),
      ...(watch.lab.volumeBackup ? [judgeService('cinder-backup', controller, services)] : []),
    ]
  })
}

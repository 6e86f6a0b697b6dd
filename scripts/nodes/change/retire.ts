/**
 * Removes a node from a running lab: its servers are moved, it is shut down, its records in every service are deleted,
 * and then the node.
 */

import type { CloudClient } from '../../cloud/client.ts'
import { LabError } from '../../declaration/errors.ts'
import { controllerOf, type Lab, nodesWith } from '../../declaration/lab.ts'
import type { Progress } from '../../run/progress.ts'
import { sshHost } from '../../run/ssh.ts'
import { scaled, timeouts } from '../../run/timeouts.ts'
import { shellQuote } from '../../terminal/shell-quote.ts'
import { cutPower } from '../domain.ts'
import { kindOf } from '../kind-of.ts'
import { checkMovable, evacuate, headers, stopServer } from './evacuate.ts'
import { isOnNode, listServersOn, listVolumes, showNamed } from './tenants.ts'

export interface RetireOptions {
  lab: Lab
  /** Undefined if there never was a cloud: the node was made, and nothing installed. */
  cloud: CloudClient | undefined
  /** Servers are moved to other compute nodes rather than refused. */
  evict: boolean
  progress: Progress
}

/** Checks all nodes to be removed before the first is changed. Throws LabError naming what is on them. */
export async function checkTenants(nodes: readonly string[], { lab, cloud, evict }: RetireOptions): Promise<void> {
  if (!cloud) return
  const findings = []
  for (const node of nodes) {
    const servers = await listServersOn(cloud, node)
    if (evict) checkMovable(servers, node)
    const names = servers.map(showNamed).join(', ')
    const where = `node ${node}`
    const stay = `declare ${node} again in ansible-vars/hosts.yml`
    if (servers.length > 0 && !evict) {
      const remedy = `./lab up --evict (moves them to another compute node; root disks are reset to their image), delete them, or ${stay}`
      findings.push({ where, given: `servers are on it: ${names}`, allowed: 'a node without servers', remedy })
    }
    if (servers.length > 0 && nodesWith(lab, 'compute').length === 0) {
      findings.push({
        where,
        given: `servers are on it: ${names}`,
        allowed: 'another compute node to move them to',
        remedy: stay,
      })
    }
    const volumes = cloud.catalog.some(({ type }) => type === 'volumev3') ? await listVolumes(cloud) : []
    const held = volumes.filter((volume) => isOnNode(volume, node)).map(showNamed)
    if (held.length > 0) {
      const given = `volumes are on it: ${held.join(', ')}`
      const remedy = `./lab openstack volume delete …, or ${stay}`
      findings.push({ where, given, allowed: 'a storage node without volumes', remedy })
    }
  }
  if (findings.length > 0) throw new LabError(findings)
}

/** To be called after `checkTenants`. Safe to repeat, wherever an earlier run was killed. */
export async function retireNode(node: string, options: RetireOptions): Promise<void> {
  const { lab, cloud, progress } = options
  await progress.step(`retire ${node}`, async (note) => {
    const service = cloud && (await findComputeService(cloud, node))
    if (cloud && service) await setService(cloud, service, { status: 'disabled', disabled_reason: 'being removed' })
    // Looked at once more: until the service was disabled, the scheduler could still choose the node.
    await checkTenants([node], options)
    const servers = cloud ? await listServersOn(cloud, node) : []
    for (const server of servers) {
      note(`stopping ${server.name}`)
      await stopServer(cloud!, lab, server)
    }
    note('switching it off')
    // Nothing on it is kept; while it runs, its agents would register again.
    await cutPower(lab, { name: node })
    if (cloud && service) await setService(cloud, service, { forced_down: true })
    for (const server of servers) {
      note(`moving ${server.name}`)
      await evacuate(cloud!, lab, server)
    }
    if (cloud) await forget(cloud, lab, node)
    note('removing it')
    await kindOf(lab).destroy(lab, { name: node })
  })
}

async function findComputeService(cloud: CloudClient, node: string): Promise<string | undefined> {
  const query = new URLSearchParams({ host: node, binary: 'nova-compute' })
  const { services } = await cloud.get<{ services: { id: string }[] }>('compute', `/os-services?${query}`, { headers })
  return services[0]?.id
}

async function setService(cloud: CloudClient, id: string, body: object): Promise<void> {
  await cloud.put('compute', `/os-services/${id}`, { body, headers })
}

/** Allocations of servers that were moved, the service with its host mapping and resource provider, and the agents. */
async function forget(cloud: CloudClient, lab: Lab, node: string): Promise<void> {
  await releaseAllocations(cloud, node)
  const service = await findComputeService(cloud, node)
  if (service) await cloud.delete('compute', `/os-services/${service}`, { headers, allow: [404] })
  for (const { uuid } of await listProviders(cloud, node)) {
    await cloud.delete('placement', `/resource_providers/${uuid}`, { allow: [404] })
  }
  const { agents } = await cloud.get<{ agents: { id: string }[] }>('network', `/v2.0/agents?host=${node}`)
  for (const { id } of agents) await cloud.delete('network', `/v2.0/agents/${id}`, { allow: [404] })
  await sshHost(lab, controllerOf(lab)).run(forgetScript(node), {
    step: `remove ${node} from the services`,
    timeoutSeconds: scaled(lab, timeouts.nodes.work),
  })
}

/** What no API removes: a mapping whose service was gone already, and a volume service. */
function forgetScript(node: string): string {
  const name = shellQuote(node)
  const mapping = `SELECT c.uuid FROM host_mappings h JOIN cell_mappings c ON c.id = h.cell_id WHERE h.host = '${node}'`
  const services = `SELECT host FROM services WHERE deleted = 0 AND topic = 'cinder-volume' AND (host = '${node}' OR host LIKE '${node}@%')`
  return `cell=$(mariadb -N -B nova_api -e "${mapping}")
[ -z "$cell" ] || runuser -u nova -- nova-manage cell_v2 delete_host --cell_uuid "$cell" --host ${name}
[ -z "$(mariadb -N -B -e "SHOW TABLES LIKE 'services'" cinder 2>/dev/null)" ] && exit 0
for host in $(mariadb -N -B cinder -e "${services}"); do
  runuser -u cinder -- cinder-manage service remove cinder-volume "$host"
done
`
}

async function listProviders(cloud: CloudClient, node: string): Promise<{ uuid: string }[]> {
  const path = `/resource_providers?name=${encodeURIComponent(node)}`
  return (await cloud.get<{ resource_providers: { uuid: string }[] }>('placement', path)).resource_providers
}

interface Allocations {
  allocations: Record<string, { resources: Record<string, number> }>
  project_id: string
  user_id: string
  consumer_generation: number
}

const placement = { 'OpenStack-API-Version': 'placement 1.28' }

/** An evacuated server keeps its allocation on the old node until that node starts again, which it never will. */
async function releaseAllocations(cloud: CloudClient, node: string): Promise<void> {
  for (const { uuid } of await listProviders(cloud, node)) {
    const held = await cloud.get<Pick<Allocations, 'allocations'>>(
      'placement',
      `/resource_providers/${uuid}/allocations`,
    )
    for (const consumer of Object.keys(held.allocations)) {
      const path = `/allocations/${consumer}`
      const all = await cloud.get<Allocations>('placement', path, { headers: placement })
      const { [uuid]: _, ...others } = all.allocations
      const kept = Object.entries(others).map(([provider, { resources }]) => [provider, { resources }])
      const body = { ...all, allocations: Object.fromEntries(kept) }
      await cloud.put('placement', path, { body, headers: placement })
    }
  }
}

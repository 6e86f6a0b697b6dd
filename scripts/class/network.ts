/** A student's own network behind a router, in a self-service lab: made by the admin, owned by the student's project. */

import type { CloudClient } from '../cloud/client.ts'
import { markOf } from '../cloud/mark.ts'
import { NotReadyError } from '../declaration/errors.ts'
import { type Lab, nameServers } from '../declaration/lab.ts'
import { flatNetwork, selfServiceNetwork } from '../declaration/provider-network.ts'
import type { Student } from './students.ts'

interface Named {
  id: string
  name: string
}

/** The lab's own, which leads out. */
export async function readProviderNetwork(cloud: CloudClient, lab: Lab): Promise<string> {
  const query = new URLSearchParams({ name: flatNetwork, description: markOf(lab) })
  const { networks } = await cloud.get<{ networks: Named[] }>('network', `/v2.0/networks?${query}`)
  if (networks[0]) return networks[0].id
  throw new NotReadyError(`network ${flatNetwork}`, 0, 'there is none', './lab up')
}

/** The project's object of this name; made if it is missing. */
async function ensure(cloud: CloudClient, kind: string, project: string, body: { name: string }): Promise<string> {
  const query = new URLSearchParams({ project_id: project, name: body.name })
  const path = `/v2.0/${kind}s`
  const found = (await cloud.get<Record<string, Named[]>>('network', `${path}?${query}`))[`${kind}s`]?.[0]
  if (found) return found.id
  const made = await cloud.post<Record<string, Named>>('network', path, {
    body: { [kind]: { ...body, project_id: project } },
  })
  return made[kind]!.id
}

/** All have the same addresses, which do not meet: each is behind its own router. */
export async function ensureNetwork(
  cloud: CloudClient,
  lab: Lab,
  { login }: Student,
  { project, provider }: { project: string; provider: string },
): Promise<void> {
  const network = await ensure(cloud, 'network', project, { name: login })
  const { cidr, gateway } = selfServiceNetwork
  const servers = nameServers(lab, lab.networks.provider.hostAddress)
  const subnet = await ensure(cloud, 'subnet', project, {
    name: `${login}-v4`,
    ...{ network_id: network, ip_version: 4, cidr, gateway_ip: gateway },
    ...(servers.length > 0 ? { dns_nameservers: servers } : {}),
  })
  const router = await ensure(cloud, 'router', project, {
    name: login,
    ...{ external_gateway_info: { network_id: provider } },
  })
  const query = new URLSearchParams({ device_id: router, device_owner: 'network:router_interface' })
  const { ports } = await cloud.get<{ ports: unknown[] }>('network', `/v2.0/ports?${query}`)
  if (ports.length > 0) return
  await cloud.put('network', `/v2.0/routers/${router}/add_router_interface`, { body: { subnet_id: subnet } })
}

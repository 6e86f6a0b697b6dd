/** What users have on a node or in a service that is to be removed; it is listed before anything is changed. */

import type { CloudClient } from '../../cloud/client.ts'

export interface Server {
  id: string
  name: string
  status: string
  host: string
}

interface ListedServer {
  id: string
  name: string
  status: string
  'OS-EXT-SRV-ATTR:host': string | null
}

/** Servers of all projects on a compute node. */
export async function listServersOn(cloud: CloudClient, node: string): Promise<Server[]> {
  const query = new URLSearchParams({ all_tenants: '1', host: node })
  const { servers } = await cloud.get<{ servers: ListedServer[] }>('compute', `/servers/detail?${query}`)
  return servers.map((one) => ({ ...one, host: one['OS-EXT-SRV-ATTR:host'] ?? '' }))
}

export async function readServer(cloud: CloudClient, id: string) {
  type Detailed = ListedServer & { 'OS-EXT-STS:task_state': string | null }
  const { server } = await cloud.get<{ server: Detailed }>('compute', `/servers/${id}`)
  return { status: server.status, host: server['OS-EXT-SRV-ATTR:host'] ?? '', task: server['OS-EXT-STS:task_state'] }
}

export interface Volume {
  id: string
  name: string
  description: string | null
  attachments: { server_id: string }[]
  'os-vol-host-attr:host': string | null
}

/** Volumes of all projects. */
export async function listVolumes(cloud: CloudClient): Promise<Volume[]> {
  return (await cloud.get<{ volumes: Volume[] }>('volumev3', '/volumes/detail?all_tenants=1')).volumes
}

/** Cinder's hosts read `node@backend#pool`. */
export function isOnNode(volume: Pick<Volume, 'os-vol-host-attr:host'>, node: string): boolean {
  return volume['os-vol-host-attr:host']?.split('@')[0] === node
}

/** For a message: `web (1234…)`; a name is its owner's and need not be there. */
export const showNamed = ({ name, id }: { name: string; id: string }) => (name ? `${name} (${id})` : id)

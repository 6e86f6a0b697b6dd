/** What is read of the cloud for `./lab status`: endpoints, agents and daemons, instances and volumes. */

import { readAllServers } from '../../cloud/all-servers.ts'
import { type CloudClient, openCloud } from '../../cloud/client.ts'
import type { Server } from '../../cloud/server.ts'
import type { Lab } from '../../declaration/lab.ts'
import { loadSecrets } from '../../declaration/secrets.ts'
import { failed, type Observation } from '../../run/check.ts'
import { ownIds } from '../../terraform/state.ts'
import { type LabCheck, observeUntil } from '../check.ts'
import { agentsCheck } from '../checks/agents.ts'
import { computeCheck, otherDaemonChecks } from '../checks/daemons.ts'
import { endpointsCheck } from '../checks/endpoints.ts'
import { ownObjectsCheck } from '../checks/own-objects.ts'
import { addressOf, type Volume } from '../verify/instance.ts'

export interface InstanceStatus {
  id: string
  name: string
  /** Made by the lab itself; else by a user. */
  own: boolean
  status: string
  address: string
  host: string
  created: string
  /** When it first ran; absent of one that never did. */
  launched?: string
  /** Why it is in ERROR, as Nova tells it. */
  fault?: string
}

export interface VolumeStatus {
  id: string
  name: string
  own: boolean
  status: string
  sizeGiB: number
  attachedTo: string[]
}

export interface CloudStatus {
  /** Why nothing could be read; absent if Keystone gave a token. */
  silent?: Observation
  /** The same observations that verify makes. */
  endpoints: Observation[]
  /** Network agents, and the daemons of Nova and Cinder, as each reports itself. */
  agents: Observation[]
  /** Ids of those agents that are reported as alive although their unit or node has stopped; absent: none. */
  stale?: string[]
  /** What the lab made in the cloud and somebody deleted; absent: nothing. */
  missing?: Observation[]
  instances: InstanceStatus[]
  volumes: VolumeStatus[]
}

const nothing: CloudStatus = { endpoints: [], agents: [], instances: [], volumes: [] }

/** A part that does not answer is an empty list, and its endpoint says why. */
const orEmpty = <T>(reading: Promise<T[]>): Promise<T[]> => reading.catch(() => [])

type ListedServer = Server & { created: string }

async function readInstances(cloud: CloudClient, own: ReadonlySet<string>): Promise<InstanceStatus[]> {
  const servers = await readAllServers<ListedServer>(cloud)
  return servers.map((server) => ({
    id: server.id,
    name: server.name,
    own: own.has(server.id),
    status: server.status,
    address: addressOf(server),
    host: server['OS-EXT-SRV-ATTR:host'] ?? '',
    created: server.created,
    ...(server['OS-SRV-USG:launched_at'] ? { launched: server['OS-SRV-USG:launched_at'] } : {}),
    ...(server.fault ? { fault: server.fault.message } : {}),
  }))
}

async function readVolumes(cloud: CloudClient, own: ReadonlySet<string>): Promise<VolumeStatus[]> {
  const { volumes } = await cloud.get<{ volumes: (Volume & { size: number })[] }>(
    'volumev3',
    '/volumes/detail?all_tenants=1',
  )
  return volumes.map(({ id, name, status, size, attachments }) => ({
    id,
    name,
    own: own.has(id),
    status,
    sizeGiB: size,
    attachedTo: attachments.map(({ server_id }) => server_id),
  }))
}

/** All of it side by side; `timeoutSeconds` bounds each request. Never throws for something that is wrong in the lab. */
export async function readCloud(lab: Lab, timeoutSeconds: number): Promise<CloudStatus> {
  try {
    const cloud = await openCloud(lab, loadSecrets(lab.root), timeoutSeconds / lab.timeScale)
    const own = ownIds(lab)
    const once = (check: LabCheck) => observeUntil(check, { lab, cloud: async () => cloud, timeoutFactor: 0 })
    const [endpoints, network, compute, others, missing, instances, volumes] = await Promise.all([
      once(endpointsCheck),
      once(agentsCheck),
      once(computeCheck),
      Promise.all(otherDaemonChecks.map(once)),
      once(ownObjectsCheck),
      orEmpty(readInstances(cloud, own)),
      lab.services.cinder ? orEmpty(readVolumes(cloud, own)) : [],
    ])
    const agents = [...network, ...compute, ...others.flat()]
    return { endpoints, agents, ...(missing.length ? { missing } : {}), instances, volumes }
  } catch (error) {
    return { ...nothing, silent: failed({ id: 'keystone', what: 'Keystone issues a token' }, error) }
  }
}

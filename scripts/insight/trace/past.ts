/** An earlier launch that was not recorded: what the normal logs and the databases still say about it. */

import { readAllServers } from '../../cloud/all-servers.ts'
import type { CloudClient } from '../../cloud/client.ts'
import { tapName } from '../../cloud/neutron-names.ts'
import { LabError } from '../../declaration/errors.ts'
import type { Lab } from '../../declaration/lab.ts'
import { collectByIds, collectRows, readClockOffsets } from './collect.ts'
import type { Recording } from './evidence.ts'
import { actionTables, readLaunchIds, rowsOf } from './launch-ids.ts'

interface Server {
  id: string
  name: string
  status: string
  created: string
  fault?: { message: string }
  'OS-EXT-SRV-ATTR:host'?: string | null
}

/** By name or id. Throws LabError with the existing names if there is none. */
async function findServer(cloud: CloudClient, wanted: string): Promise<Server> {
  const servers = await readAllServers<Server>(cloud)
  const found = servers.find(({ id, name }) => id === wanted || name === wanted)
  if (found) return found
  throw new LabError([
    {
      where: './lab trace',
      given: `no instance ${JSON.stringify(wanted)}, and no recording of one`,
      allowed: servers.map(({ name }) => name).join(', ') || 'there is no instance',
      remedy: './lab trace --launch',
    },
  ])
}

/** Nova stores the launch's request id; the logs are searched for it, the instance and its ports. */
export async function readPastLaunch(lab: Lab, cloud: CloudClient, wanted: string): Promise<Recording> {
  const server = await findServer(cloud, wanted)
  const rows = await collectRows(lab, server.id)
  const ids = readLaunchIds(rows, { instance: server.id })
  const wantedIds = [server.id, ...ids.requests, ...ids.ports, ...ids.ports.map((id) => tapName(id))]
  const [lines, clockOffsets] = await Promise.all([collectByIds(lab, wantedIds), readClockOffsets(lab)])
  const action = actionTables.flatMap((table) => rowsOf(rows, table))[0]?.['created_at']
  const began = Date.parse(action ? `${action.replace(' ', 'T')}Z` : server.created)
  const host = server['OS-EXT-SRV-ATTR:host']
  return {
    source: 'logs',
    id: server.id.slice(0, 8),
    server: {
      id: server.id,
      name: server.name,
      status: server.status,
      ...(server.fault ? { fault: server.fault.message } : {}),
      ...(host ? { host } : {}),
    },
    ids,
    began,
    ended: Date.now(),
    lost: {},
    clockOffsets,
    nodes: lab.nodes.map(({ name, address, roles }) => ({ name, address, roles })),
    files: [...rows, ...lines],
  }
}

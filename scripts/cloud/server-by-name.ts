/** Finds one instance, in any project, by its name or id. */

import { LabError } from '../declaration/errors.ts'
import type { CloudClient } from './client.ts'
import type { Server } from './server.ts'

/** Throws LabError if there is none, or more than one of that name. */
export async function findServer(cloud: CloudClient, where: string, wanted: string): Promise<Server> {
  const { servers } = await cloud.get<{ servers: Server[] }>('compute', '/servers/detail?all_tenants=1')
  const found = servers.filter(({ id, name }) => id === wanted || name === wanted)
  if (found.length === 1) return found[0]!
  const names = servers.map(({ name }) => name).sort()
  throw new LabError([
    found.length === 0
      ? { where, given: `no server ${JSON.stringify(wanted)}`, allowed: names.join(', ') || 'no server exists' }
      : {
          where,
          given: `${found.length} servers with the name ${wanted}`,
          allowed: `an id: ${found.map(({ id }) => id).join(', ')}`,
        },
  ])
}

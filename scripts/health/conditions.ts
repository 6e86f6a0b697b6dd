/** States of a lab that `./lab wait` waits for, each looked at once. */

import { readAllServers } from '../cloud/all-servers.ts'
import { openCloud } from '../cloud/client.ts'
import type { Server } from '../cloud/server.ts'
import { LabError } from '../declaration/errors.ts'
import type { Lab } from '../declaration/lab.ts'
import { loadSecrets } from '../declaration/secrets.ts'
import { timeouts } from '../run/timeouts.ts'
import type { Look } from '../run/wait-for.ts'
import { readStatus } from './status/status.ts'
import { addressOf } from './verify/instance.ts'

/** `server`: a name or an id. `seen` of what was found is for people; `absent`: there is no such server yet. */
type Condition = (lab: Lab, server: string) => Promise<Look<string> & { absent?: true }>

async function findServer(lab: Lab, wanted: string): Promise<Server | undefined> {
  // At each look anew: a wait may last longer than a token.
  const cloud = await openCloud(lab, loadSecrets(lab.root), timeouts.cloud.request.seconds)
  const servers = await readAllServers<Server>(cloud)
  const named = servers.filter(({ name }) => name === wanted)
  if (named.length > 1) {
    const given = `${named.length} servers have the name ${wanted}`
    throw new LabError([{ where: './lab wait', given, allowed: `an id: ${named.map(({ id }) => id).join(', ')}` }])
  }
  return servers.find(({ id }) => id === wanted) ?? named[0]
}

export const conditions = {
  healthy: async (lab) => {
    const { healthy, troubles } = await readStatus(lab, timeouts.nodes.statusAwaited)
    if (healthy) return { found: 'healthy' }
    const own = troubles.filter(({ ofUser }) => !ofUser)
    return { now: own.map(({ what, seen }) => `${what}: ${seen}`).join('; ') }
  },
  active: async (lab, wanted) => {
    const server = await findServer(lab, wanted)
    if (!server) return { now: 'no such server', absent: true }
    const { status, fault } = server
    if (status === 'ACTIVE') return { found: `ACTIVE, ${addressOf(server) || 'no address'}` }
    return { now: fault ? `${status}: ${fault.message}` : status, lost: status === 'ERROR' }
  },
  deleted: async (lab, wanted) => {
    const server = await findServer(lab, wanted)
    return server ? { now: server.status } : { found: 'deleted' }
  },
} as const satisfies Record<string, Condition>

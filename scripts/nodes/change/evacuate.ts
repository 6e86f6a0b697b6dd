/** Moves the servers of a powered-off compute node to the others, by Nova's evacuation. */

import type { CloudClient } from '../../cloud/client.ts'
import { LabError } from '../../declaration/errors.ts'
import type { Lab } from '../../declaration/lab.ts'
import { scaled, timeouts } from '../../run/timeouts.ts'
import { waitFor } from '../../run/wait-for.ts'
import { readServer, type Server, showNamed } from './tenants.ts'

/** The version from which on Nova decides by itself whether a disk is shared. */
export const headers = { 'OpenStack-API-Version': 'compute 2.53' }

/** What Nova can evacuate. */
const movable = ['ACTIVE', 'SHUTOFF', 'ERROR']

/** Throws LabError naming those that cannot be moved; nothing has been touched then. */
export function checkMovable(servers: readonly Server[], node: string): void {
  const stuck = servers.filter(({ status }) => !movable.includes(status))
  if (stuck.length === 0) return
  throw new LabError(
    stuck.map((server) => ({
      where: `node ${node}`,
      given: `server ${showNamed(server)} is ${server.status}`,
      allowed: `only servers that are ${movable.join(', ')}; others cannot be moved`,
      remedy: `./lab openstack server show ${server.id}`,
    })),
  )
}

/** Shuts them down in order, as long as Nova waits: a server's data is on its volumes before its node is removed. */
export async function stopServer(cloud: CloudClient, lab: Lab, server: Server): Promise<void> {
  if (server.status !== 'ACTIVE') return
  await cloud.post('compute', `/servers/${server.id}/action`, { body: { 'os-stop': null } })
  await waitForServer(lab, cloud, server, 'is stopped', ({ status }) => status === 'SHUTOFF')
}

/**
 * Until it is on another node, and runs if it ran: with the same id, ports and volumes; its root disk is created again from
 * the image, unless it is a volume. Its node must be off. Throws NotReadyError if no other takes it.
 */
export async function evacuate(cloud: CloudClient, lab: Lab, server: Server): Promise<void> {
  const act = (body: object, request = {}) =>
    cloud.post('compute', `/servers/${server.id}/action`, { body, ...request })
  await act({ evacuate: {} }, { headers })
  await waitForServer(lab, cloud, server, 'moves to another node', ({ host }) => host !== server.host)
  if (server.status !== 'ACTIVE') return
  await act({ 'os-start': null })
  await waitForServer(lab, cloud, server, 'runs again', ({ status }) => status === 'ACTIVE')
}

type State = Awaited<ReturnType<typeof readServer>>

/** `task`: what Nova is still doing with it. If that is nothing, the expected state will never be reached. */
async function waitForServer(
  lab: Lab,
  cloud: CloudClient,
  server: Server,
  what: string,
  holds: (state: State) => boolean,
) {
  const next = `./lab openstack server event list ${server.id}`
  await waitFor(
    lab,
    { what: `server ${showNamed(server)} ${what}`, timeoutSeconds: timeouts.cloud.move.seconds, next },
    async (waited) => {
      const state = await readServer(cloud, server.id)
      if (!state.task && holds(state)) return { found: true }
      const { status, host, task } = state
      return {
        now: `${status} on ${host}${task ? `, ${task}` : ''}`,
        lost: !task && waited > scaled(lab, timeouts.cloud.moveIdle),
      }
    },
  )
}

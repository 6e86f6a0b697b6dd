/** Waits until commands can be run on a node. */

import { once } from 'node:events'
import { connect } from 'node:net'
import { ConnectError } from '../declaration/errors.ts'
import type { Lab, LabNode } from '../declaration/lab.ts'
import { checkRoute, disconnect, sshHost } from '../run/ssh.ts'
import { scaled, timeouts } from '../run/timeouts.ts'
import { waitFor } from '../run/wait-for.ts'

/** Returns when a command has run on the node. Throws NotReadyError after `seconds` times the lab's time scale. */
export async function waitForNode(
  lab: Lab,
  node: LabNode,
  look: string,
  seconds = timeouts.nodes.boot.seconds,
): Promise<void> {
  const wait = { what: `${node.name}: ssh to ${node.address}`, timeoutSeconds: seconds, pauseSeconds: 0.25, next: look }
  const host = sshHost(lab, node)
  try {
    await waitFor(lab, wait, async () => {
      const detail = await tryOnce(async () => {
        await checkRoute(lab, node)
        await knock(lab, node)
        await host.run('true', { step: 'answer', timeoutSeconds: scaled(lab, timeouts.nodes.answer) })
      })
      return detail === undefined ? { found: true } : { now: detail }
    })
  } finally {
    await disconnect()
  }
}

/**
 * Throws ConnectError if nothing accepts a connection soon. ssh alone would lose three seconds: what it sends before a
 * booting node has its address is sent again after one second, then after two more.
 */
async function knock(lab: Lab, { name, address }: LabNode): Promise<void> {
  const socket = connect({ host: address, port: 22 })
  try {
    await once(socket, 'connect', {
      signal: AbortSignal.timeout(Math.round(scaled(lab, timeouts.nodes.accept) * 1000)),
    })
  } catch (error) {
    const { code, message } = error as NodeJS.ErrnoException
    throw new ConnectError(name, code === 'ABORT_ERR' ? 'port 22 does not answer' : message, './lab doctor')
  } finally {
    socket.destroy()
  }
}

/** What the transport said, or undefined if the node answered. */
async function tryOnce(attempt: () => Promise<unknown>): Promise<string | undefined> {
  try {
    await attempt()
    return undefined
  } catch (error) {
    if (error instanceof ConnectError) return error.detail
    throw error
  }
}

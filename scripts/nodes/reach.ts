/** Waiting for a node until commands run on it. */

import { setTimeout as sleep } from 'node:timers/promises'
import { ConnectError, NotReadyError } from '../declaration/errors.ts'
import type { Lab, LabNode } from '../declaration/lab.ts'
import { disconnect, sshHost } from '../run/ssh.ts'

/** From its start to ssh a container takes 2 s, a VM 10 s; the rest is patience with a busy machine. */
export const bootSeconds = 90

/** Returns when a command has run on the node. Throws NotReadyError after `seconds` times the lab's time scale. */
export async function waitForNode(lab: Lab, node: LabNode, look: string, seconds = bootSeconds): Promise<void> {
  const start = performance.now()
  const limit = seconds * lab.timeScale
  const host = sshHost(lab, node)
  try {
    for (;;) {
      const detail = await tryOnce(() => host.run('true', { step: 'answer', timeoutSeconds: 30 * lab.timeScale }))
      if (detail === undefined) return
      const waited = Math.round((performance.now() - start) / 1000)
      if (waited >= limit) throw new NotReadyError(`${node.name}: ssh to ${node.address}`, waited, detail, look)
      await sleep(250 * Math.min(lab.timeScale, 4))
    }
  } finally {
    await disconnect()
  }
}

/** What the transport said, or undefined where the node answered. */
async function tryOnce(attempt: () => Promise<unknown>): Promise<string | undefined> {
  try {
    await attempt()
    return undefined
  } catch (error) {
    if (error instanceof ConnectError) return error.detail
    throw error
  }
}

/** Sets the clocks of virtual machines to this machine's clock, because they stop while this machine sleeps. */

import { isExpected } from '../declaration/errors.ts'
import type { Lab, LabNode } from '../declaration/lab.ts'
import type { Progress } from '../run/progress.ts'
import { disconnect } from '../run/ssh.ts'
import { kindOf } from './kind-of.ts'
import { setClock } from './node-clock.ts'
import { startOrder } from './power.ts'

/** Smaller differences are left to chrony, or come from the duration of the query. */
const toleranceSeconds = 60

/** Seconds by which a node's clock is behind; negative: ahead. Undefined if both are alike. Pure. */
export function lagOf(nodeSeconds: number, hostSeconds: number): number | undefined {
  const lag = Math.round(hostSeconds - nodeSeconds)
  return Math.abs(lag) > toleranceSeconds ? lag : undefined
}

export const describeLag = (lag: number): string =>
  `${Math.abs(Math.round(lag))} s ${lag > 0 ? 'behind' : 'ahead of'} this machine`

/** Containers have this machine's own clock. A node that does not answer is reported by later steps. */
export async function alignClocks(lab: Lab, nodes: readonly LabNode[], progress: Progress): Promise<void> {
  if (kindOf(lab).sharesHost) return
  try {
    // The controller first: the others follow it.
    for (const node of startOrder(lab)
      .flat()
      .filter((one) => nodes.includes(one)))
      await alignClock(lab, node, progress)
  } finally {
    await disconnect()
  }
}

async function alignClock(lab: Lab, node: LabNode, progress: Progress): Promise<void> {
  try {
    const lag = await setClock(lab, node, toleranceSeconds)
    if (lag !== undefined)
      progress.line(`  ${node.name}: its clock was ${describeLag(lag)}, probably after a suspend: corrected`)
  } catch (error) {
    if (!isExpected(error)) throw error
  }
}

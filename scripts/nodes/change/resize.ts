/**
 * Gives existing nodes a new size: shuts them down in order, redefines them, starts them again; their disks are kept.
 */

import type { Lab } from '../../declaration/lab.ts'
import type { Progress } from '../../run/progress.ts'
import { kindOf } from '../kind-of.ts'
import { startNodes, stopNodes } from '../power.ts'
import { describeSize, type NodeChanges } from './node-changes.ts'

/** If it is killed, the next run continues: a node that is off is started with the declared size. */
export async function resizeNodes(lab: Lab, resized: NodeChanges['resized'], progress: Progress): Promise<void> {
  for (const change of resized) progress.line(`  ${change.node.name}: ${describeSize(change)}, after a clean shutdown`)
  const nodes = resized.map(({ node }) => node)
  await stopNodes(lab, progress, nodes)
  for (const node of nodes) await kindOf(lab).resize(lab, node)
  await startNodes(lab, progress, nodes)
}

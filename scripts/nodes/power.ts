/** Shuts the nodes down and starts them again, in the order of their dependencies; disks are kept. */

import type { Lab, LabNode } from '../declaration/lab.ts'
import type { Progress } from '../run/progress.ts'
import { kindOf } from './kind-of.ts'

/**
 * In the order of a start. The controller first: a compute node starts its instances again when Neutron answers. Storage
 * before compute: an instance's disk may be there, and a node whose iSCSI target has gone first hangs in its shutdown.
 */
export function startOrder(lab: Lab): LabNode[][] {
  const isController = (node: LabNode) => node.roles.includes('controller')
  const isCompute = (node: LabNode) => node.roles.includes('compute')
  const others = lab.nodes.filter((node) => !isController(node) && !isCompute(node))
  return [lab.nodes.filter(isController), others, lab.nodes.filter(isCompute)].filter((group) => group.length > 0)
}

/** Compute nodes first, the controller last. One that is off already stays so. */
export async function stopNodes(lab: Lab, progress: Progress, nodes = lab.nodes): Promise<void> {
  for (const group of startOrder(lab).toReversed()) {
    const chosen = group.filter((node) => nodes.includes(node))
    await Promise.all(chosen.map((node) => progress.step(`shut ${node.name} down`, () => kindOf(lab).stop(lab, node))))
  }
}

/** Each group when the one before it can be reached. One that runs already is left alone. */
export async function startNodes(lab: Lab, progress: Progress, nodes = lab.nodes): Promise<void> {
  for (const group of startOrder(lab)) {
    const chosen = group.filter((node) => nodes.includes(node))
    await Promise.all(chosen.map((node) => progress.step(`start ${node.name}`, () => kindOf(lab).start(lab, node))))
  }
}

/** Shuts the nodes down and starts them again, in the order of their dependencies; disks are kept. */

import type { Lab, LabNode } from '../declaration/lab.ts'
import type { Progress } from '../run/progress.ts'
import { kindOf } from './kind-of.ts'
import type { NodeKind } from './node-kind.ts'

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

/** Those that continue with their memory first and together, as they were held together; the others in their order. */
export function startGroups(
  lab: Lab,
  nodes: readonly LabNode[],
  { continues }: Pick<NodeKind, 'continues'>,
): LabNode[][] {
  const continuing = nodes.filter((node) => continues?.(lab, node))
  const booting = startOrder(lab).map((group) =>
    group.filter((node) => nodes.includes(node) && !continuing.includes(node)),
  )
  return [continuing, ...booting].filter((group) => group.length > 0)
}

/** Each group when the one before it can be reached. One that runs already is left alone. */
export async function startNodes(lab: Lab, progress: Progress, nodes = lab.nodes): Promise<void> {
  const kind = kindOf(lab)
  for (const group of startGroups(lab, nodes, kind))
    await Promise.all(group.map((node) => progress.step(`start ${node.name}`, () => kind.start(lab, node))))
}

/** Finds the node that is named on a command line. */

import { LabError } from '../declaration/errors.ts'
import type { Lab, LabNode } from '../declaration/lab.ts'

/** Throws LabError naming the nodes there are. */
export function declaredNode(lab: Lab, name: string | undefined): LabNode {
  const node = lab.nodes.find((one) => one.name === name)
  if (node) return node
  const allowed = lab.nodes.map((one) => one.name).join(', ')
  throw new LabError([{ where: 'node', given: name ?? 'no name given', allowed }])
}

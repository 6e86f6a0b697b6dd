/** `reachable.ts NODE`: waits until a new VM can be reached, and pins its host key. */

import { loadLab } from './declaration/load.ts'
import { declaredNode } from './nodes/declared-node.ts'
import { kindOf } from './nodes/kind-of.ts'
import { runExpected } from './run/expected.ts'

await runExpected(async () => {
  const lab = loadLab()
  const node = declaredNode(lab, process.argv[2])
  await kindOf(lab).create(lab, node)
})

/** `start-nodes.ts NODE…`: what `prepare` runs, inside the lab, for nodes that should run and do not. */

import { declaredNode } from './nodes/declared-node.ts'
import { startNodes } from './nodes/power.ts'
import { runInside } from './run/inside-program.ts'

await runInside(async (lab, progress) => {
  await startNodes(
    lab,
    progress,
    process.argv.slice(2).map((name) => declaredNode(lab, name)),
  )
})

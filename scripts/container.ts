/**
 * `container.ts create|destroy NODE`: what Terraform runs for a container node. A person may run it too; it is safe to
 * repeat.
 */

import { LabError } from './declaration/errors.ts'
import { loadLab } from './declaration/load.ts'
import { container } from './nodes/container.ts'
import { declaredNode } from './nodes/declared-node.ts'
import { runExpected } from './run/expected.ts'

await runExpected(async () => {
  const [verb, name] = process.argv.slice(2)
  if (verb !== 'create' && verb !== 'destroy') {
    throw new LabError([{ where: 'container.ts', given: verb ?? 'nothing', allowed: 'create NODE, destroy NODE' }])
  }
  const lab = loadLab()
  await container[verb](lab, declaredNode(lab, name))
})

/** `container.ts create|destroy NODE`: what Terraform runs for a container node, and a person may run. Safe to repeat. */

import { LabError } from './declaration/errors.ts'
import { loadLab } from './declaration/load.ts'
import { createContainer, destroyContainer } from './nodes/container.ts'
import { declaredNode } from './nodes/declared-node.ts'
import { runExpected } from './run/expected.ts'

const verbs = {
  create: createContainer,
  destroy: destroyContainer,
}

await runExpected(async () => {
  const [verb, name] = process.argv.slice(2)
  const run = Object.hasOwn(verbs, verb ?? '') ? verbs[verb as keyof typeof verbs] : undefined
  if (!run) {
    throw new LabError([{ where: 'container.ts', given: verb ?? 'nothing', allowed: 'create NODE, destroy NODE' }])
  }
  const lab = loadLab()
  await run(lab, declaredNode(lab, name))
})

/**
 * The nodes for the guide's way: prepare and the stack `nodes`, as `./lab up` creates them. Usage: guide-nodes.ts
 * HYPERVISOR
 */

import { fileURLToPath } from 'node:url'
import type { Hypervisor } from '../scripts/declaration/lab.ts'
import { loadLab } from '../scripts/declaration/load.ts'
import { prepare } from '../scripts/host/prepare.ts'
import { runExpected } from '../scripts/run/expected.ts'
import { enterProgram } from '../scripts/run/inside-program.ts'
import { insideLab } from '../scripts/run/namespace.ts'
import { terminalProgress } from '../scripts/run/progress.ts'
import { runStack, synthesize } from '../scripts/terraform/run.ts'

const root = fileURLToPath(new URL('..', import.meta.url)).replace(/\/$/, '')
const [hypervisor, part] = process.argv.slice(2) as [Hypervisor, string | undefined]

await runExpected(async () => {
  const lab = part ? loadLab(root) : await prepare(root, { progress: terminalProgress(), hypervisor })
  if (!part && !insideLab(lab)) {
    process.exitCode = await enterProgram(lab, import.meta.filename, hypervisor, 'inside')
    return
  }
  await synthesize(lab)
  await runStack(lab, 'nodes', 'apply')
})

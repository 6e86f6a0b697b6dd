/** `./lab up`: prepare this machine, then deploy and verify where the lab can be reached. */

import { fileURLToPath } from 'node:url'
import { defineCommand } from 'citty'
import { hypervisors } from '../declaration/lab.ts'
import { withLock } from '../host/lock.ts'
import { enterLab } from '../host/namespace.ts'
import { prepare } from '../prepare.ts'
import { terminalProgress } from '../progress.ts'
import { checkout } from './checkout.ts'

export default defineCommand({
  meta: {
    name: 'up',
    description: 'Builds the lab, or brings it to what ansible-vars/ declares, and verifies it. Safe to repeat.',
  },
  args: {
    hypervisor: {
      type: 'enum',
      options: ['auto', ...hypervisors],
      description: 'kind of the nodes, in place of lab_hypervisor; fixed by the first up',
    },
  },
  async run({ args }) {
    const started = performance.now()
    await withLock(checkout, async () => {
      const lab = await prepare(checkout, {
        progress: terminalProgress(),
        ...(args.hypervisor ? { hypervisor: args.hypervisor as never } : {}),
      })
      const main = fileURLToPath(new URL('./main.ts', import.meta.url))
      process.exitCode = await enterLab(lab, [process.execPath, ...process.execArgv, main, 'deploy'])
    })
    if (process.exitCode === 0) console.error(`\nup: done in ${Math.round((performance.now() - started) / 1000)} s`)
  },
})

/** `./lab start`: starts the nodes of a stopped lab in order and checks that everything works again. */

import { defineCommand } from 'citty'
import { finishBegun } from '../checkpoint/unfinished.ts'
import { loadLab } from '../declaration/load.ts'
import { bringNodesUp } from '../host/bring-up.ts'
import { withLock } from '../run/lock.ts'
import { beVerbose } from '../run/progress/trace.ts'
import { terminalProgress } from '../run/progress.ts'
import { checkout } from './checkout.ts'
import { verifyStarted } from './starting.ts'

export default defineCommand({
  meta: {
    name: 'start',
    description: 'Starts the nodes of a stopped lab, the controller first, and verifies it. Changes nothing on them.',
  },
  args: { verbose: { type: 'boolean', description: 'show every command that runs, here and on the nodes' } },
  async run({ args }) {
    if (args.verbose) beVerbose()
    const progress = terminalProgress()
    const lab = await withLock(checkout, async () => {
      await finishBegun(checkout, progress)
      const known = loadLab(checkout)
      await bringNodesUp(known, progress)
      return known
    })
    await verifyStarted(lab, progress)
  },
})

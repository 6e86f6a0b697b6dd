/** `./lab stop`: shuts the nodes down in order; `./lab start` brings the same lab back. */

import { defineCommand } from 'citty'
import { loadLab } from '../declaration/load.ts'
import { stopNodes } from '../nodes/power.ts'
import { withLock } from '../run/lock.ts'
import { beVerbose } from '../run/progress/trace.ts'
import { terminalProgress } from '../run/progress.ts'
import { tell } from '../terminal/print.ts'
import { checkout } from './checkout.ts'

export default defineCommand({
  meta: {
    name: 'stop',
    description: 'Shuts the nodes down, compute nodes first, and keeps everything on their disks.',
  },
  args: { verbose: { type: 'boolean', description: 'show every command that runs, here and on the nodes' } },
  async run({ args }) {
    if (args.verbose) beVerbose()
    const lab = loadLab(checkout)
    await withLock(checkout, () => stopNodes(lab, terminalProgress()))
    tell('stop: all nodes are shut down; ./lab start brings the lab back, ./lab down removes it')
  },
})

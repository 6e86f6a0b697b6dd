/** The parts of `save`, `restore` and `up` that run inside the lab, whose lock the calling command holds. */

import { defineCommand } from 'citty'
import { saveLab } from '../checkpoint/save.ts'
import { loadLab } from '../declaration/load.ts'
import { bringNodesUp } from '../host/bring-up.ts'
import { terminalProgress } from '../run/progress.ts'
import { checkout } from './checkout.ts'
import { verifyStarted } from './starting.ts'
import { sayStopping } from './stopping.ts'

export default defineCommand({
  meta: { name: 'checkpoint', description: 'The part of `save` and `restore` inside the lab.', hidden: true },
  args: {
    action: { type: 'positional', required: true, description: 'save, start or verify' },
    name: { type: 'positional', required: false, description: 'of the save' },
  },
  async run({ args }) {
    const lab = loadLab(checkout)
    const progress = terminalProgress()
    // Checks may be stopped at any moment, so Ctrl-C ends this process.
    if (args.action === 'verify') return verifyStarted(lab, progress)
    sayStopping(args.action === 'save' ? 'save' : 'restore')
    if (args.action === 'start') return bringNodesUp(lab, progress)
    if (await saveLab(lab, args.name!, progress)) await verifyStarted(lab, progress)
  },
})

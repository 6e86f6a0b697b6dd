/** `./lab start`: starts the nodes of a stopped lab in order and checks that everything works again. */

import { defineCommand } from 'citty'
import { loadLab } from '../declaration/load.ts'
import { showObservations } from '../health/verify/text.ts'
import { bootTimeoutFactor, verify } from '../health/verify/verify.ts'
import { settleOutbound } from '../host/outbound.ts'
import { repairVlanInterface } from '../host/vlan-interface.ts'
import { startNodes } from '../nodes/power.ts'
import { withLock } from '../run/lock.ts'
import { beVerbose } from '../run/progress/trace.ts'
import { terminalProgress } from '../run/progress.ts'
import { tellScreen } from '../terminal/screen.ts'
import { checkout } from './checkout.ts'

export default defineCommand({
  meta: {
    name: 'start',
    description: 'Starts the nodes of a stopped lab, the controller first, and verifies it. Changes nothing on them.',
  },
  args: { verbose: { type: 'boolean', description: 'show every command that runs, here and on the nodes' } },
  async run({ args }) {
    if (args.verbose) beVerbose()
    const lab = loadLab(checkout)
    const progress = terminalProgress()
    await withLock(checkout, async () => {
      await startNodes(lab, progress)
      await repairVlanInterface(lab)
      await settleOutbound(lab)
    })
    const observations = await progress.step('wait until everything is running again', (note) =>
      verify(lab, { timeoutFactor: bootTimeoutFactor, note }),
    )
    tellScreen(showObservations(observations))
    process.exitCode = observations.every(({ ok }) => ok) ? 0 : 1
  },
})

/** A script of root's about the files of a save, which nobody else may read. */

import { runOnHost } from '../run/process.ts'
import { timeouts } from '../run/timeouts.ts'

export const asRoot = (step: string, script: string) =>
  runOnHost('bash', ['-s'], {
    step,
    root: true,
    input: `set -eu\numask 077\n${script}\n`,
    timeoutSeconds: timeouts.machine.layers.seconds,
  })

/** Scripts of root's about the files of labs and saves, which nobody else may read. */

import { type HostResult, runOnHost } from './process.ts'
import { timeouts } from './timeouts.ts'

/**
 * `timeout` passes a signal on to all that the script runs, and it gets one when this process ends, however that was: what
 * still copied would be in the way of the next command. So Ctrl-C does not reach the script: a step that has begun is ended.
 * `ownMounts`: what it mounts and unmounts is its own affair.
 */
export function asRoot(step: string, script: string, { ownMounts = false } = {}): Promise<HostResult> {
  const { seconds } = timeouts.machine.layers
  const words = ['--pdeathsig', 'TERM', 'timeout', `${seconds}`, ...(ownMounts ? ['unshare', '--mount'] : [])]
  return runOnHost('setpriv', [...words, 'bash', '-s'], {
    step,
    root: true,
    input: `set -eu\numask 077\n${script}\n`,
  })
}

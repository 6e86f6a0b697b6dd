/** `./lab wait`: until something holds of the lab, or the time is over; for scripts. */

import { defineCommand } from 'citty'
import { isExpected, LabError } from '../declaration/errors.ts'
import { exitCode } from '../declaration/exit-codes.ts'
import { conditions } from '../health/conditions.ts'
import { disconnect } from '../run/ssh.ts'
import { type Look, poll } from '../run/wait-for.ts'
import { showElapsed } from '../terminal/amounts.ts'
import { print, tell } from '../terminal/print.ts'
import { visible } from '../terminal/visible.ts'
import { checkout } from './checkout.ts'
import { loadRunningLab } from './running-lab.ts'
import { parseCondition, parseTimeout } from './wait-arguments.ts'

/** A cloud that does not answer yet is waited for as well. */
type Answer = Look<string> & { unread?: true; absent?: true }

export default defineCommand({
  meta: {
    name: 'wait',
    description:
      'Waits until the lab is healthy, or until an instance (by name or id, of any project) is active or deleted. Exit code 0: it is; 1: not within the time, or the instance failed; 5: the lab did not answer.',
  },
  args: {
    for: {
      type: 'string',
      valueHint: 'condition',
      required: true,
      description: 'healthy, active:SERVER or deleted:SERVER',
    },
    timeout: {
      type: 'string',
      valueHint: 'time',
      default: '5m',
      description: 'how long to wait: 30s, 5m (default), 1h; up to 24h',
    },
  },
  async run({ args }) {
    const { name, server } = parseCondition(args.for)
    const timeoutSeconds = parseTimeout(args.timeout)
    const lab = loadRunningLab(checkout)
    const read = (): Promise<Answer> =>
      conditions[name](lab, server).catch((error: unknown) => {
        if (!isExpected(error) || error instanceof LabError) throw error
        return { now: error.message.split('\n')[0]!, unread: true }
      })
    let isFirst = true
    const look = async () => {
      const seen = await read()
      // Perhaps the name is mistyped: who waits is told now, and not when the time is over.
      if (isFirst && seen.absent) tell(`${visible(args.for)}: no such server yet, waiting`)
      isFirst = false
      return seen
    }
    const isDone = (seen: Answer) => 'found' in seen || seen.lost === true
    try {
      const polling = { timeoutSeconds, pauseSeconds: 2 }
      const { seen, waitedSeconds } = await poll({ timeScale: 1 }, polling, look, isDone)
      const took = showElapsed(waitedSeconds * 1000)
      if ('found' in seen) return print(`${visible(args.for)}: ${visible(seen.found)}, after ${took}`)
      tell(`${visible(args.for)}: ${seen.lost ? 'failed' : 'not'} after ${took}: ${visible(seen.now)}`)
      process.exitCode = exitCode(seen.unread ? 'unknown' : 'failed')
    } finally {
      disconnect()
    }
  },
})

/** Ctrl-C: the first one stops in order, the second one at once. */

import { setTimeout as sleep } from 'node:timers/promises'
import { exitCode } from '../../declaration/exit-codes.ts'

/** The person asked to stop: not a failure. */
export class StoppedError extends Error {
  constructor() {
    super('stopped')
    this.name = 'StoppedError'
  }
}

export const stoppedExitCode = exitCode('stopped')

let presses = 0
let reject: (error: StoppedError) => void = () => {}
const stopping = new Promise<never>((_, refuse) => {
  reject = refuse
})
// Whoever waits for it hears of it; nobody has to.
stopping.catch(() => {})

export const isStopping = (): boolean => presses > 0

/** Whether a failure comes from Ctrl-C: a program that it killed may end before we receive the signal ourselves. */
export async function wasStopped(): Promise<boolean> {
  if (presses === 0) await sleep(50)
  return presses > 0
}

/** Gives up waiting as soon as Ctrl-C is pressed; only for work that may be left where it is. */
export function untilStopped<T>(work: Promise<T>): Promise<T> {
  return Promise.race([work, stopping])
}

/**
 * From now on Ctrl-C ends nothing by itself: no further step begins, and those that run end as their programs do.
 * `say` tells the person; `atOnce` says what a second press leaves.
 */
export function stopInOrder(say: { first: () => void; second: () => void }): void {
  process.on('SIGINT', () => {
    presses += 1
    if (presses === 1) {
      reject(new StoppedError())
      say.first()
    } else {
      say.second()
    }
  })
}

/** `./lab status --watch`: the one screen, drawn again and again in its place. */

import { setTimeout as sleep } from 'node:timers/promises'
import { createLogUpdate } from 'log-update'
import { print, safe } from '../terminal/print.ts'

/** Between two readings. */
const pauseSeconds = 3

/** Until Ctrl-C. In a pipe the readings stand one below the other. */
export async function watchStatus(read: () => Promise<string>): Promise<never> {
  const { stdout } = process
  const update = createLogUpdate(stdout)
  for (;;) {
    const text = `${new Date().toTimeString().slice(0, 8)}  ${await read()}`
    // Too long for the terminal: the end is left out, since what is not well stands in front.
    if (stdout.isTTY)
      update(
        safe(text)
          .split('\n')
          .slice(0, (stdout.rows || 24) - 1)
          .join('\n'),
      )
    else print(text)
    await sleep(pauseSeconds * 1000)
  }
}

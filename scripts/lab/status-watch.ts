/** `./lab status --watch`: redraws the screen of `status` in place. */

import { createLogUpdate } from 'log-update'
import { poll } from '../run/wait-for.ts'
import { print, safe } from '../terminal/print.ts'

/** Until Ctrl-C. In a pipe the readings stand one below the other. */
export async function watchStatus(read: () => Promise<string>): Promise<void> {
  const { stdout } = process
  const update = createLogUpdate(stdout)
  const draw = async () => {
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
  }
  await poll({ timeScale: 1 }, { timeoutSeconds: Number.POSITIVE_INFINITY, pauseSeconds: 3 }, draw, () => false)
}

/** `./lab status --watch`: reads the status again and again, until Ctrl-C. */

import { createLogUpdate } from 'log-update'
import { poll } from '../run/wait-for.ts'
import { print, safe } from '../terminal/print.ts'
import { fitTo, screenOf } from '../terminal/screen.ts'

const pauseSeconds = 3

/** Once, or with `watch` until Ctrl-C. */
export async function watch({ watch }: { watch?: boolean | undefined }, look: () => Promise<void>): Promise<void> {
  await poll({ timeScale: 1 }, { timeoutSeconds: Number.POSITIVE_INFINITY, pauseSeconds }, look, () => !watch)
}

/** Redrawn in place. In a pipe the readings stand one below the other. */
export async function watchScreen(read: () => Promise<string>): Promise<void> {
  const { stdout } = process
  const update = createLogUpdate(stdout)
  await watch({ watch: true }, async () => {
    const text = fitTo(`${new Date().toTimeString().slice(0, 8)}  ${await read()}`, screenOf(stdout))
    // Too long for the terminal: the end is left out, since what is not well stands in front.
    if (stdout.isTTY)
      update(
        safe(text)
          .split('\n')
          .slice(0, (stdout.rows || 24) - 1)
          .join('\n'),
      )
    else print(text)
  })
}

/** Our programs that must run where the nodes can be reached: how they are started and run. */

import { CommandError } from '../declaration/errors.ts'
import type { Lab } from '../declaration/lab.ts'
import { runExpected } from './expected.ts'
import { enterLab } from './namespace.ts'
import { ownProgram } from './own-program.ts'
import { stopInOrder } from './progress/stop.ts'
import type { Progress } from './progress.ts'

/** `program`: absolute path of a TypeScript file. Returns its exit code; it prints its own messages. */
export function enterProgram(lab: Lab, program: string, ...args: string[]): Promise<number> {
  return enterLab(lab, ownProgram(program, ...args))
}

/** The same, for a step that must succeed. `paste`: a command that shows more if it fails. */
export async function expectProgram(
  lab: Lab,
  { step, paste }: { step: string; paste: string },
  program: string,
  ...args: string[]
): Promise<void> {
  const exitCode = await enterProgram(lab, program, ...args)
  if (exitCode === 0) return
  throw new CommandError({ node: 'host', step, paste, exitCode, output: 'see the message above' })
}

/** The other end: runs `work` on the lab of this checkout. The parent process handles Ctrl-C; `work` sees it in `isStopping`. */
export async function runInside(work: (lab: Lab, progress: Progress) => Promise<void>): Promise<void> {
  const [{ loadLab }, { terminalProgress }, { disconnect }] = await Promise.all([
    import('../declaration/load.ts'),
    import('./progress.ts'),
    import('./ssh.ts'),
  ])
  stopInOrder({ first: () => {}, second: () => {} })
  await runExpected(async () => {
    try {
      await work(loadLab(), terminalProgress())
    } finally {
      await disconnect()
    }
  })
}

/** The end of every program: expected errors print only their message, all others their stack trace. */

import { inspect } from 'node:util'
import { expectedError } from '../declaration/errors.ts'
import { tell } from '../terminal/print.ts'
import { StoppedError, stoppedExitCode } from './progress/stop.ts'

/** Runs it; an error becomes exit code 1 and text on stderr. Ctrl-C is not an error: our parent process reports it. */
export async function runExpected(work: () => Promise<void>): Promise<void> {
  try {
    await work()
  } catch (error) {
    if (error instanceof StoppedError) process.exit(stoppedExitCode)
    tell(expectedError(error)?.message ?? inspect(error))
    process.exitCode = 1
  }
}

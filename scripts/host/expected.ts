/** The end of an entry script: the expected errors as their message alone, anything else with its trace. */

import { isExpected } from '../errors.ts'

/** Runs it; an error becomes exit code 1 and text on stderr. */
export async function runExpected(work: () => Promise<void>): Promise<void> {
  try {
    await work()
  } catch (error) {
    console.error(isExpected(error) ? error.message : error)
    process.exitCode = 1
  }
}

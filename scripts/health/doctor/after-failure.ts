/** What the doctor says below an error of `up` or `verify`: likely causes, never in place of the error itself. */

import type { Lab } from '../../declaration/lab.ts'
import { disconnect } from '../../run/ssh.ts'
import { diagnose } from './diagnose.ts'
import { showProblem } from './text.ts'

/** Nothing where there is nothing to add. Never throws: the first error is what counts. */
export async function explainFailure(lab: Lab): Promise<string> {
  try {
    const { problems } = await diagnose(lab)
    // That the run did not end is what has just been said; what users made is no cause of it.
    const causes = problems.filter(({ rule, ofUser }) => rule !== 'run-cut-off' && !ofUser)
    if (causes.length === 0) return ''
    return ['', 'The doctor found, most likely cause first:', ...causes.map(showProblem)].join('\n')
  } catch (error) {
    return `\nThe doctor could not check the lab: ${(error as Error).message.split('\n')[0]}`
  } finally {
    disconnect()
  }
}

/** The lab for commands that work on it as it is, and need nothing that was changed in ansible-vars/ since. */

import { loadAppliedLab } from '../declaration/applied.ts'
import { describeFinding, LabError } from '../declaration/errors.ts'
import type { Lab } from '../declaration/lab.ts'
import { loadLab } from '../declaration/load.ts'
import { tellScreen } from '../terminal/screen.ts'

/** Set once the warning was given: a command may run in two processes, one outside the lab's namespace and one inside. */
const warned = 'DUOSTACK_MISTAKE_TOLD'

/** With a mistake in ansible-vars/: as the last `up` read it, and a warning. Throws LabError where there is no such copy. */
export function loadRunningLab(root: string): Lab {
  try {
    return loadLab(root)
  } catch (error) {
    const applied = error instanceof LabError ? loadAppliedLab(root) : undefined
    if (!applied) throw error
    if (!process.env[warned]) {
      const mistakes = (error as LabError).findings.map((finding) => `! ${describeFinding(finding)}`)
      tellScreen([...mistakes, '! the lab is used as the last ./lab up read it; ./lab up refuses this'].join('\n'))
    }
    process.env[warned] = '1'
    return applied
  }
}

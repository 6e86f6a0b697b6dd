/** What `start`, `save` and `restore` end with: a lab whose nodes have just started, seen to work. */

import type { Lab } from '../declaration/lab.ts'
import { showObservations } from '../health/verify/text.ts'
import { bootTimeoutFactor, verify } from '../health/verify/verify.ts'
import { untilStopped } from '../run/progress/stop.ts'
import type { Progress } from '../run/progress.ts'
import { tellScreen } from '../terminal/screen.ts'

/** Shows every check, and sets the exit code. */
export async function verifyStarted(lab: Lab, progress: Progress): Promise<void> {
  const observations = await progress.step('wait until everything is running again', (note) =>
    untilStopped(verify(lab, { timeoutFactor: bootTimeoutFactor, note })),
  )
  tellScreen(showObservations(observations))
  process.exitCode = observations.every(({ ok }) => ok) ? 0 : 1
}

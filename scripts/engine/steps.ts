/** The only place for arbitrary commands: a command on a node that runs only if its check says that it still has to. */

import { timeouts } from '../run/timeouts.ts'
import { shellQuote } from '../terminal/shell-quote.ts'
import { heredoc, type Operation } from './operation.ts'
import type { Step } from './service.ts'

export function runStep(step: Step, timeScale: number): Operation {
  const seconds = step.timeoutSeconds ?? timeouts.services.step.seconds
  const as = (text: string) => `run_as ${shellQuote(step.user ?? '-')} ${seconds * timeScale} ${heredoc(text)}`
  return {
    phase: 'setup',
    kind: 'step',
    title: step.name,
    check: `if ${as(step.unless)}\nthen return 0; fi\necho 'still to be done'\nreturn 1`,
    apply: as(step.run),
    paste: step.user ? `runuser -u ${step.user} -- bash -c ${shellQuote(step.run)}` : step.run,
    timeoutSeconds: seconds * 3,
  }
}

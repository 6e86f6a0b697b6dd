/** Checks whether a libvirtd answers, in the same way for the system's and a lab's own, from a shell and from here. */

import type { Lab } from '../declaration/lab.ts'
import { scaled, timeouts } from '../run/timeouts.ts'
import { shellQuote } from '../terminal/shell-quote.ts'
import { virshWithin } from './script.ts'

type Asked = Pick<Lab, 'timeScale' | 'libvirtUri'>

/** One that takes longer for its lists hangs. */
export const answerSeconds = (lab: Pick<Asked, 'timeScale'>) => scaled(lab, timeouts.machine.libvirtdAnswer)

/** The words of the question. Networks are asked for too: they come from a driver of their own, and it runs without one. */
export const questionTo = (lab: Asked, seconds = answerSeconds(lab)): string[] => [
  ...virshWithin(seconds),
  ...['-c', lab.libvirtUri, 'list --name; net-list --name'],
]

/** bash: does it answer? */
export const answersFunction = (lab: Asked) =>
  `answers() { ${questionTo(lab).map(shellQuote).join(' ')} >/dev/null 2>&1; }`

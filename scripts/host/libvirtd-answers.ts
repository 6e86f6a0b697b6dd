/** Whether a libvirtd answers, asked in one way for the system's and a lab's own. */

import type { Lab } from '../declaration/lab.ts'
import { shellQuote } from '../terminal/shell-quote.ts'

/** One that takes longer for its lists hangs. */
export const answerSeconds = ({ timeScale }: Pick<Lab, 'timeScale'>) => 10 * Math.min(timeScale, 6)

/** bash: does it answer? Its networks are asked for too: they come from a driver of their own, and it runs without one. */
export const answersFunction = (lab: Lab) =>
  `answers() { timeout ${answerSeconds(lab)} virsh -q -c ${shellQuote(lab.libvirtUri)} 'list --name; net-list --name' >/dev/null 2>&1; }`

/** What an agent of Neutron's makes on its node and does not look at again. Restarted, it makes what is missing. */

import type { Lab } from '../declaration/lab.ts'
import type { Step } from '../engine/service.ts'
import { timeouts } from '../run/timeouts.ts'

interface Remade {
  name: string
  agent: string
  /** Bash: a function `faults`, which prints a line for each thing that is missing. */
  faults: string
  /** Bash: clears what would be in the agent's way. */
  before?: string
}

export const remadeStep = (lab: Lab, { name, agent, faults, before = '' }: Remade): Step => ({
  name,
  unless: `${faults}
# It makes all of them when it starts.
[ "$(systemctl is-active ${agent})" = active ] || exit 0
${unlessFaultsLast(lab)}`,
  run: `${faults}
${before}systemctl restart ${agent}
while [ -n "$(faults)" ]; do sleep 1; done`,
  timeoutSeconds: timeouts.services.stop.seconds,
})

/**
 * Bash, the end of an `unless`: ends with 0 as soon as `faults` prints nothing. What is being built has its parts some
 * seconds one after the other.
 */
export const unlessFaultsLast = (lab: Lab): string => `for look in 1 2 3 4 5; do
  said=$(faults)
  [ -n "$said" ] || exit 0
  [ "$look" = 5 ] || sleep ${3 * Math.min(lab.timeScale, 5)}
done
echo "$said"
exit 1`

/** The network namespace of a measured lab, once it has one. */

import { readIdentity } from '../scripts/declaration/identity.ts'
import { netnsPath } from '../scripts/run/paths.ts'

/** Undefined before the first `up`, after `down`, and for a lab without a namespace. */
export function networkOf(root: string): string | undefined {
  const identity = readIdentity(root)
  return identity?.isolation === 'netns' ? netnsPath(identity) : undefined
}

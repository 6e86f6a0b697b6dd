/** How `status` and `doctor` end: what users made is not the lab, and what could not be seen is not a failure. */

import type { Ending } from '../declaration/exit-codes.ts'

export interface Health {
  /** Something of the lab itself is not healthy. */
  broken: boolean
  /** Something could not be checked. */
  blind: boolean
  /** Something that a user created is not healthy. */
  ofUser: boolean
}

/** What was seen counts more than what could not be seen. */
export function endingOf({ broken, blind, ofUser }: Health): Ending {
  if (broken) return 'failed'
  if (blind) return 'unknown'
  return ofUser ? 'ofUser' : 'ok'
}

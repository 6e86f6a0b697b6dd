/** The input and the result of one check of this machine. */

import type { Declaration } from '../declaration/declaration.ts'
import type { Finding } from '../declaration/errors.ts'
import type { Isolation } from '../declaration/lab.ts'
import type { HostFacts } from './facts.ts'

export interface Wanted {
  /** The checkout. */
  root: string
  declaration: Declaration
  isolation: Isolation
  /** The lab's id, where it has one. */
  id?: string
  /** Nodes are there already: memory, disk and ports are the lab's own by now. */
  living: boolean
  /** The node image is in the cache. */
  image: boolean
}

export interface HostCheck {
  /** What is looked at. */
  what: string
  /** What is wrong; none where nothing is. */
  findings: (facts: HostFacts, wanted: Wanted) => Finding[]
  /** What was found where nothing is wrong. */
  seen: (facts: HostFacts, wanted: Wanted) => string
  /** Worth knowing, but no reason not to build a lab. */
  advice?: true
}

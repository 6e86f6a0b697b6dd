/** A case as data: on which machine, as which user, which lab, and what is done. */

import type { Suite } from './apt.ts'
import type { Host } from './host.ts'
import type { User } from './machine.ts'

export interface Row {
  /** `debian13-root`: by this a person runs it alone. */
  name: string
  machine: 'A' | 'B' | 'C'
  suite: Suite
  user: User
  isolation: 'auto' | 'none' | 'netns'
  kind: 'auto' | 'kvm' | 'qemu' | 'lxc'
  /** For the table. */
  what: string
  /** What this machine has beside what all have, when it is made. */
  packages?: readonly string[]
  /** A machine of a newcomer: no Node.js, no clone, nothing in a cache. */
  bare?: true
  /** What came of it, for the table; throws where it is not right. */
  run(host: Host): Promise<string>
}

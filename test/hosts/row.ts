/** A case as data: on which machine, as which user, which lab, and what is done. */

import type { Suite } from './apt.ts'
import type { Host } from './host.ts'
import type { User } from './machine.ts'

export interface Row {
  /** `debian13-root`: the name for running it alone. */
  name: string
  machine: 'A' | 'B' | 'C'
  suite: Suite
  user: User
  isolation: 'auto' | 'none' | 'netns'
  kind: 'auto' | 'kvm' | 'qemu' | 'lxc'
  /** For the table of results. */
  what: string
  /** Packages that this machine has in addition to the usual ones. */
  packages?: readonly string[]
  /** A newcomer's machine: no Node.js, no clone, empty caches. */
  bare?: true
  /** Debian's base alone, without a network; this puts into its root file system what it gets. */
  offline?(root: string): Promise<void>
  /** The result for the table; throws if something is wrong. */
  run(host: Host): Promise<string>
}

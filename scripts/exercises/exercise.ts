/** What an exercise consists of: plain data, and how its repair is observed. */

import type { CloudClient } from '../cloud/client.ts'
import type { Lab } from '../declaration/lab.ts'
import type { ServiceName } from '../declaration/service-profiles.ts'
import type { Watch } from '../health/check.ts'
import type { Observation } from '../run/check.ts'

/** A change inside a node, as bash. Both scripts have a folder of their own there, `$kept`, for what was before. */
export interface NodeChange {
  on: 'controller' | 'compute'
  /** Keeps in `$kept` what it is about to change, then changes it. */
  break: string
  /** Right whatever happened since: nothing, half of the break, a repair of any kind. Not run if the break never began. */
  restore: string
}

/** A change in the cloud over REST. `Before` is written to this machine's disk before `apply` begins. */
export interface CloudChange<Before = unknown> {
  read(cloud: CloudClient, lab: Lab): Promise<Before>
  apply(cloud: CloudClient, before: Before): Promise<void>
  /** The second time, or where `apply` never ran, it changes nothing. */
  restore(cloud: CloudClient, before: Before): Promise<void>
}

export type Change = NodeChange | CloudChange

/** Objects that an exercise asks for. There are none of these names when it starts, and none when it has stopped. */
export interface Wanted {
  /** Everything in it, too. */
  project?: string
  servers?: readonly string[]
  images?: readonly string[]
  ports?: readonly string[]
  snapshots?: readonly string[]
  volumes?: readonly string[]
}

/** `SERVER`, `FLAVOR` and `ADDRESS` stand for this lab's own. */
export interface Texts {
  title: string
  /** What a user would report, or what is to be built. */
  task: string
  /** From a direction to almost the answer. */
  hints: readonly [string, string, string]
  /** What was wrong and why it looked so. */
  answer: string
}

export interface Exercise {
  /** `repair`: something is broken. `build`: something is to be made. */
  kind: 'repair' | 'build'
  /** 1: a first one. 3: for those who know the services. */
  level: 1 | 2 | 3
  texts: Texts
  /** The same in Korean. */
  korean?: Texts
  /** Without these services it cannot be done. */
  needs?: readonly ServiceName[]
  /** On other nodes what it breaks would not be noticed. */
  onlyOn?: 'containers'
  /** What start does, in this order; stop restores it in the opposite order. */
  changes: readonly Change[]
  /** The services need a moment to follow the changes: start waits until the check fails. */
  delayed?: true
  wanted?: Wanted
  /** Looks at the cloud, never at how it was repaired. */
  check: (watch: Watch) => Promise<Observation[]>
  /** One of the ways, in bash, from the checkout. */
  solution: (lab: Lab) => readonly string[]
}

/** What a rule of the doctor is: what it reads, how it judges that, and what it then tells. Plain data around one pure function. */

import type { CloudClient } from '../../cloud/client.ts'
import type { Lab, LabNode, Role } from '../../declaration/lab.ts'
import type { ServiceName } from '../../declaration/service-profiles.ts'

/** bash that prints facts and changes nothing. All scripts of a node go there in one round trip, side by side. */
export interface ShellRead {
  /** Nodes of a role, all of them, or this machine where the lab can be reached. */
  on: Role | 'all' | 'host'
  /** The same text for the same place is run once, however many rules read it. */
  script: (lab: Lab, node: LabNode) => string
  /** At native speed; default 10. A script that takes longer is ended and its rules say that they could not look. */
  seconds?: number
}

/** Something that the lab's cloud tells over REST; all are asked side by side with one token. */
export interface CloudRead<T> {
  ask: (cloud: CloudClient, lab: Lab) => Promise<T>
}

export type Read = ShellRead | CloudRead<unknown>

/** What one place printed. */
export interface Answer {
  /** The node's name, or `host`. */
  at: string
  text: string
}

/** What the reads of a rule became: one answer for each place that answered, or the cloud's own. */
export type Seen<Reads extends Record<string, Read>> = {
  [Key in keyof Reads]: Reads[Key] extends CloudRead<infer T> ? T : readonly Answer[]
}

/** What is known beside the rule's own reads. */
export interface Surroundings {
  lab: Lab
  /** Node name -> why it gave no answer. */
  silent: ReadonlyMap<string, string>
  /** Why the cloud gave no token; absent if it did. */
  cloudSilent?: string
  /** Services that Terraform has begun with; of a lab that is half built, the others are not missed. */
  deployed: ReadonlySet<ServiceName>
  /** Ids of what the lab itself made in the cloud; what else is there is its users'. */
  own: ReadonlySet<string>
  /** What Terraform's states call tainted or lack: `services: glance is tainted`. */
  unfinished: readonly string[]
}

/** How a finding is repaired. Only what cannot lose anything of the user's. */
export type Fix =
  /** bash on a node, as root. */
  | { node: string; script: string }
  /** The service made what the declaration says: the same as `npx tsx scripts/provision.ts SERVICE`. */
  | { service: ServiceName }
  /** bash on this machine, as root, where the lab can be reached. */
  | { host: string }
  /** Work of another room. */
  | { work: (lab: Lab) => Promise<unknown> }
  /** A request to the lab's cloud. */
  | { cloud: (cloud: CloudClient) => Promise<unknown> }

/** One thing that is wrong, as a rule found it. */
export interface Found {
  /** A node, a unit on a node, a service: `compute1`, `controller/apache2`, `glance`. */
  about: string
  /** The very line or answer that shows it. */
  evidence: readonly string[]
  /** A command to paste. */
  next: string
  fix?: Fix
  /** About something that a user made: the lab itself is well. */
  ofUser?: boolean
  /** In place of the rule's own cause, where the evidence says more. */
  cause?: string
  /**
   * Findings that follow from this one and are not listed beside it: `rule` for all of that rule, `rule about` for one,
   * `rule node` for all of a node.
   */
  explains?: readonly string[]
}

export interface Rule<Reads extends Record<string, Read> = Record<string, Read>> {
  /** What the user meets, in his words; stands before the cause in the finding and in the docs. */
  symptom: string
  cause: string
  /** What to do about it, for the docs; a finding has the command itself. */
  remedy: string
  /** Looked at only where this service has been deployed; absent: always. */
  service?: ServiceName
  /** Only in a lab of this kind. */
  when?: (lab: Lab) => boolean
  reads: Reads
  /** Pure. Nothing found is an empty list. */
  judge: (seen: Seen<Reads>, around: Surroundings) => Found[]
}

/** A rule with its reads' types forgotten, as the registry keeps it. */
export type AnyRule = Rule<Record<string, Read>>

/** Ties a rule's `judge` to the types of its own `reads`. */
export function rule<Reads extends Record<string, Read>>(one: Rule<Reads>): AnyRule {
  return one as unknown as AnyRule
}

export const isShellRead = (read: Read): read is ShellRead => 'script' in read

/** What a service is: plain data that is hashed, snapshot-tested, drawn and applied. It knows nothing of ssh. */

import type { Lab, Role } from '../declaration/lab.ts'
import type { Secrets } from '../declaration/secret-names.ts'
import type { ServiceName } from '../declaration/service-profiles.ts'

/** One service of the lab. Phases run in this order: databases, identity, then per part packages, files, setup, units; then ready. */
export interface Service {
  name: ServiceName
  /** Services that must be ready before this one starts; become Terraform's depends_on. */
  needs: readonly ServiceName[]
  /** Made on the controller, with a user of the same rights from everywhere on the management network. */
  databases?: readonly Database[]
  /** Keystone user, service and endpoints, made over REST from this host. */
  identity?: Identity
  /** A project with its own user, for people; made in the same way. */
  account?: Account
  /** Applied in this order; nodes of one part at the same time, and parts that say `alongside`. */
  parts: readonly Part[]
  /** All must hold, each within its deadline. */
  ready: readonly Readiness[]
}

export interface Database {
  name: string
  user: string
  password: string
}

/** A user of the default domain, and the roles that it has in one project. */
export interface Account {
  user: string
  password: string
  roles: readonly string[]
  project: { name: string; description: string }
}

/** An entry of the catalog: type (`image`), name (`glance`), description. */
export interface CatalogEntry {
  type: string
  name: string
  description: string
  /** One URL for public, internal and admin alike: by address, so that clients need no /etc/hosts. */
  url: string
}

/** A service's user, and its entry in the catalog. */
export interface Identity extends CatalogEntry {
  /** Service user in project `service` with these roles. */
  user: string
  password: string
  roles: readonly string[]
  /** Entries besides its own, for a service with more than one API. */
  furtherEntries?: readonly CatalogEntry[]
  /** Roles that the service itself gives to users that it makes. */
  rolesToGive?: readonly string[]
  domain?: Domain
}

/** A Keystone domain of a service's own, for users that it makes, with a user who is admin there and nowhere else. */
export interface Domain {
  name: string
  description: string
  admin: { user: string; password: string }
}

export interface Part {
  on: Role | 'all'
  /** Begins together with the part before it: nothing in it rests on that one, or its units wait themselves. */
  alongside?: true
  /** Debian package names; all stand in the node image, and are installed where they are missing. */
  packages: readonly string[]
  files: readonly ConfigFile[]
  setup?: readonly Step[]
  /** Without `.service`. Enabled, running, and started again when one of the part's files changed since their start. */
  units: readonly string[]
  /** Units that a package starts and this lab does not want: stopped and disabled. */
  absentUnits?: readonly string[]
}

/** A whole file on a node. Only our keys, never the distribution's sample. */
export interface ConfigFile {
  path: string
  /** Only on this node of the part: for a file that carries the node's own address. Default: on all of them. */
  node?: string
  content: IniContent | string
  /** Defaults: root:root 0644. A file that holds a secret is 0640 and its service's group. */
  owner?: string
  group?: string
  /** Octal, four digits: `0640`. */
  mode?: string
  /** A directory is made instead of a file when true; `content` is ''. */
  directory?: boolean
}

/** The files of a part that belong on one node. */
export function filesOn(part: Part, node: string): ConfigFile[] {
  return part.files.filter((file) => file.node === undefined || file.node === node)
}

/** section -> key -> value; an array repeats the key (oslo MultiOpt). Booleans and numbers are written as they are. */
export type IniContent = Readonly<
  Record<string, Readonly<Record<string, string | number | boolean | readonly string[]>>>
>

/** The single imperative door: a command with a check that tells whether it is still to be done. Both are bash. */
export interface Step {
  name: string
  /** Exit 0: nothing to do. Cheap: it also runs in every dry run. */
  unless: string
  run: string
  /** The Unix user that runs it; default root. */
  user?: string
  /** For native speed; scaled by `lab.timeScale`. Default 120. */
  timeoutSeconds?: number
  /** It depends on packages alone, so the node image has it done already; a node only looks whether that still holds. */
  inImage?: boolean
}

/** What must hold before the service counts as ready. Deadlines are for native speed, default 60. */
export type Readiness =
  | { what: string; url: string; status: readonly number[]; deadlineSeconds?: number }
  | {
      what: string
      /** bash on the first node of this role; exit 0: holds. Its output is the last answer that an error shows. */
      on: Role
      command: string
      deadlineSeconds?: number
    }

/** A service file exports this: the same Lab and secrets give the same data. */
export type ServiceDefinition = (lab: Lab, secrets: Secrets) => Service

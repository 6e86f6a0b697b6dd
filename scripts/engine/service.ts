/** What a service is: plain data that is hashed, snapshot-tested, drawn and applied. It knows nothing of ssh. */

import type { Lab, Role } from '../declaration/lab.ts'
import type { Secrets } from '../declaration/secret-names.ts'
import type { ServiceName } from '../declaration/service-profiles.ts'

/** One service of the lab. Phases run in this order: databases, identity, then per part packages, files, setup, units; then ready. */
export interface Service {
  name: ServiceName
  /** Services that must be ready before this one starts; become Terraform's depends_on. */
  needs: readonly ServiceName[]
  /** Created on the controller, with a user who may log in from everywhere on the management network. */
  databases?: readonly Database[]
  /** Keystone user, service and endpoints, created over REST from this host. */
  identity?: Identity
  /** A project with its own user, for people; created in the same way. */
  account?: Account
  /** Applied in this order; the nodes of one part at the same time, together with parts marked `alongside`. */
  parts: readonly Part[]
  /** All must hold, each within its deadline. */
  ready: readonly Readiness[]
}

export interface Database {
  name: string
  user: string
  password: string
}

/** A user of the default domain and its roles in one project. */
export interface Account {
  user: string
  password: string
  roles: readonly string[]
  project: { name: string; description: string }
}

/** A catalog entry: type (`image`), name (`glance`), description. */
export interface CatalogEntry {
  type: string
  name: string
  description: string
  /** One URL for public, internal and admin: by address, so that clients need no /etc/hosts. */
  url: string
}

/** A service's user and its catalog entry. */
export interface Identity extends CatalogEntry {
  /** Service user in project `service` with these roles. */
  user: string
  password: string
  roles: readonly string[]
  /** Additional entries, for a service with more than one API. */
  furtherEntries?: readonly CatalogEntry[]
  /** Roles that the service itself gives to users it creates. */
  rolesToGive?: readonly string[]
  domain?: Domain
}

/** A service's own Keystone domain, for users that it creates, with a user who is admin only there. */
export interface Domain {
  name: string
  description: string
  admin: { user: string; password: string }
}

export interface Part {
  on: Role | 'all'
  /** Starts together with the part before it: it does not depend on that part, or its units wait for it. */
  alongside?: true
  /** Debian package names; all are in the node image, and are installed if they are missing. */
  packages: readonly string[]
  files: readonly ConfigFile[]
  setup?: readonly Step[]
  /** Without `.service`. Enabled, running, and restarted if one of the part's files has changed since they started. */
  units: readonly string[]
  /** Units that a package starts but this lab does not want: stopped and disabled. */
  absentUnits?: readonly string[]
}

/** A whole file on a node. Contains only our keys, never the distribution's sample. */
export interface ConfigFile {
  path: string
  /** Only on this node of the part: for a file that contains the node's own address. Default: on all of them. */
  node?: string
  content: IniContent | string
  /** Defaults: root:root 0644. A file with a secret is 0640 and belongs to its service's group. */
  owner?: string
  group?: string
  /** Octal, four digits: `0640`. */
  mode?: string
  /** If true, a directory is created instead of a file; `content` is ''. */
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

/** The only place for arbitrary commands: a command, and a check that tells whether it must run. Both are bash. */
export interface Step {
  name: string
  /** Exit 0: nothing to do. Must be cheap: it also runs in every dry run. */
  unless: string
  run: string
  /** The Unix user that runs it; default root. */
  user?: string
  /** For native speed; scaled by `lab.timeScale`. Default 120. */
  timeoutSeconds?: number
  /** Depends only on packages, so it is already done in the node image; a node only checks that it still holds. */
  inImage?: boolean
}

/** What must hold before the service counts as ready. Deadlines are for native speed, default 60. */
export type Readiness =
  | { what: string; url: string; status: readonly number[]; deadlineSeconds?: number }
  | {
      what: string
      /** bash on the first node with this role; exit 0: holds. Its output is the last answer that an error shows. */
      on: Role
      command: string
      deadlineSeconds?: number
    }

/** A service file exports this: the same Lab and secrets give the same data. */
export type ServiceDefinition = (lab: Lab, secrets: Secrets) => Service

/** One operation on a node as data: the check that tells whether it is right, and the bash that makes it so. */

/** What an operation's check reads; neighbouring operations of one phase are read together. */
export interface Reads {
  /** Filled into `file_state` and `file_sum`. */
  files?: readonly string[]
  /** Without `.service`; filled into `unit_state`. */
  units?: readonly string[]
  /** All packages of the node, filled into `package_state`. */
  packages?: true
}

/** `connection`: the node, or Keystone, did not answer at all. */
export type Phase = 'connection' | 'databases' | 'identity' | 'packages' | 'files' | 'setup' | 'units' | 'ready'

export type Kind =
  | 'node'
  | 'keystone'
  | 'database'
  | 'domain'
  | 'project'
  | 'role'
  | 'user'
  | 'service'
  | 'endpoint'
  | 'packages'
  | 'file'
  | 'directory'
  | 'step'
  | 'unit-files'
  | 'unit-enabled'
  | 'unit-running'
  | 'unit-absent'
  | 'check'

/** Recovers by itself while a service starts; a file or a package never does. */
export const healingKinds: ReadonlySet<Kind> = new Set(['node', 'keystone', 'unit-running', 'check'])

/** What an operation makes right, for programs and in words. */
export interface Subject {
  phase: Phase
  kind: Kind
  /** What holds afterwards: `file /etc/glance/glance-api.conf`. */
  title: string
  /** For a file or a directory. */
  path?: string
}

export interface Operation extends Subject {
  reads?: Reads
  /** bash; exit 0: nothing to do. Otherwise it prints the reason. Changes nothing. */
  check: string
  /** bash; makes it right. Runs only if `check` failed, and `check` must succeed afterwards. */
  apply: string
  /** A command for the node, ready to paste, without secrets; shown when `apply` fails. */
  paste?: string
  /** At native speed; limits the whole script. Default 120. */
  timeoutSeconds?: number
}

/** What differs from the declaration, and why. */
export interface Difference extends Subject {
  reason: string
}

/** One thing that was changed, or would be in a dry run. */
export interface Change extends Difference {
  node: string
}

export function subjectOf({ phase, kind, title, path }: Subject): Subject {
  return { phase, kind, title, ...(path === undefined ? {} : { path }) }
}

/** A here-document that bash takes literally; the delimiter is lengthened until it does not occur in the text. */
export function heredoc(text: string): string {
  let end = 'duostack'
  while (text.split('\n').includes(end)) end += '_'
  return `<<'${end}'\n${text.endsWith('\n') || text === '' ? text : `${text}\n`}${end}`
}

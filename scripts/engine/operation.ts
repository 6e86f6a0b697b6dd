/** One operation on a node as data: the check that tells whether it is right, and the bash that makes it so. */

/** What an operation's check reads; the reads of neighbouring operations of one phase are made at once. */
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

/** What comes right by itself while a service starts; a file or a package never does. */
export const healingKinds: ReadonlySet<Kind> = new Set(['node', 'keystone', 'unit-running', 'check'])

/** What is made right, for programs and in words. */
export interface Subject {
  phase: Phase
  kind: Kind
  /** What is right afterwards: `file /etc/glance/glance-api.conf`. */
  title: string
  /** Of a file or a directory. */
  path?: string
}

export interface Operation extends Subject {
  reads?: Reads
  /** bash; exit 0: right as it is. Otherwise it prints the reason. Changes nothing. */
  check: string
  /** bash; makes it right. Runs only where `check` said no, and `check` must say yes afterwards. */
  apply: string
  /** A command for the node, in a form to paste, without secrets; shown when `apply` fails. */
  paste?: string
  /** For native speed; bounds the whole script. Default 120. */
  timeoutSeconds?: number
}

/** What is not as declared, and why. */
export interface Difference extends Subject {
  reason: string
}

/** One thing that was changed, or in a dry run would be. */
export interface Change extends Difference {
  node: string
}

export function subjectOf({ phase, kind, title, path }: Subject): Subject {
  return { phase, kind, title, ...(path === undefined ? {} : { path }) }
}

/** A here-document that bash takes as it is; the delimiter is lengthened until the text does not hold it. */
export function heredoc(text: string): string {
  let end = 'duostack'
  while (text.split('\n').includes(end)) end += '_'
  return `<<'${end}'\n${text.endsWith('\n') || text === '' ? text : `${text}\n`}${end}`
}

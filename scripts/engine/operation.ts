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

export type Phase = 'databases' | 'packages' | 'files' | 'setup' | 'units' | 'ready'

export interface Operation {
  phase: Phase
  /** What is right afterwards, in words: `file /etc/glance/glance-api.conf`. */
  title: string
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

/** One thing that was changed, or in a dry run would be, and why. */
export interface Change {
  node: string
  title: string
  reason: string
}

/** A here-document that bash takes as it is; the delimiter is lengthened until the text does not hold it. */
export function heredoc(text: string): string {
  let end = 'duostack'
  while (text.split('\n').includes(end)) end += '_'
  return `<<'${end}'\n${text.endsWith('\n') || text === '' ? text : `${text}\n`}${end}`
}

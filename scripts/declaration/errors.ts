/**
 * The four kinds of error that are shown without a stack trace, distinguished by who has to fix the cause. Their
 * messages are escaped for the terminal; their fields keep the original text.
 */

import { shellQuote } from '../terminal/shell-quote.ts'
import { visible, visibleIn, visibleLines } from '../terminal/visible.ts'

/** One mistake in the declaration or on this host. */
export interface Finding {
  /** `ansible-vars/group_vars/all.yml:12:3`, or the thing on the host (`/dev/kvm`, `port 8080`). */
  where: string
  /** What was given or found. */
  given: string
  /** What is allowed or needed; empty if `given` says it all. */
  allowed: string
  /** A command to paste or a sentence that says what to do; empty if `allowed` says it all. */
  remedy?: string
}

/** The declaration or the host is not in order, and the user fixes it. All findings at once; nothing has been changed. */
export class LabError extends Error {
  constructor(readonly findings: readonly Finding[]) {
    super(findings.map(describeFinding).join('\n'))
    this.name = 'LabError'
  }
}

/** The command line itself is wrong; nothing has been done. */
export class UsageError extends LabError {}

/** The command needs a lab, and this checkout has none. */
export class NoLabError extends LabError {}

export function describeFinding(finding: Finding): string {
  const { where, given, allowed, remedy } = visibleIn(finding)
  return `${where}: ${given}${allowed ? `\n    expected: ${allowed}` : ''}${remedy ? `\n    hint: ${remedy}` : ''}`
}

/** A node did not answer: the connection failed, not the command. */
export class ConnectError extends Error {
  constructor(
    readonly node: string,
    readonly detail: string,
    readonly paste: string,
  ) {
    super(`${node}: no connection: ${visible(detail)}\n    try: ${visible(paste)}`)
    this.name = 'ConnectError'
  }
}

export interface CommandFailure {
  /** Node name, or `host`. */
  node: string
  /** What was being done, in words: `glance: file /etc/glance/glance-api.conf`. */
  step: string
  /** A line that can be pasted into a shell; carries no secret. */
  paste: string
  exitCode: number
  /** Combined output; the message keeps its last 20 lines. */
  output: string
}

/** A command ran and failed. */
export class CommandError extends Error {
  constructor(readonly failure: CommandFailure) {
    const { node, step, paste, exitCode, output } = failure
    const tail = visibleLines(output)
      .trimEnd()
      .split('\n')
      .slice(-20)
      .map((line) => `    ${line}`)
      .join('\n')
    super(`${node}: ${visible(step)}: exit code ${exitCode}\n    command: ${visibleLines(paste)}\n${tail}`)
    this.name = 'CommandError'
  }
}

/** Something was not ready before its timeout. */
export class NotReadyError extends Error {
  constructor(
    readonly what: string,
    readonly waitedSeconds: number,
    readonly lastAnswer: string,
    readonly next: string,
  ) {
    super(
      `not ready after ${waitedSeconds} s: ${visible(what)}\n    last answer: ${visible(lastAnswer)}\n    look at: ${visible(next)}`,
    )
    this.name = 'NotReadyError'
  }
}

/** True for the four kinds above: print the message alone. Anything else is our own fault and keeps its trace. */
export function isExpected(error: unknown): error is Error {
  return (
    error instanceof LabError ||
    error instanceof ConnectError ||
    error instanceof CommandError ||
    error instanceof NotReadyError
  )
}

/** System errors that a person can fix, by Node's name for them. */
const refusals: Readonly<Record<string, (where: string) => Omit<Finding, 'where'>>> = {
  ENOSPC: (where) => ({
    given: 'no space left',
    allowed: 'free space on its file system',
    remedy: `df -h ${placeOf(where)}`,
  }),
  EDQUOT: (where) => ({
    given: 'the quota is used up',
    allowed: 'free space within the quota',
    remedy: `quota; df -h ${placeOf(where)}`,
  }),
  EROFS: (where) => ({
    given: 'is on a read-only file system',
    allowed: 'a writable file system',
    remedy: `df ${placeOf(where)}`,
  }),
  EACCES: notPermitted,
  EPERM: notPermitted,
  ENAMETOOLONG: () => ({ given: 'the name is too long', allowed: 'at most 255 bytes in each part of a path' }),
  ELOOP: () => ({ given: 'symbolic links that lead to each other', allowed: 'a link that leads to a file' }),
  EMFILE: () => ({ given: 'too many open files', allowed: 'a higher limit', remedy: 'ulimit -n 4096' }),
}

/** For an open file Node only reports the operation: `write`. Most files that a command writes are in the checkout. */
const placeOf = (where: string) => (where.startsWith('/') ? shellQuote(where) : '.')

function notPermitted(where: string): Omit<Finding, 'where'> {
  return {
    given: 'permission denied for this user',
    allowed: 'a file that this user may read and write',
    remedy: `ls -ld ${placeOf(where)}`,
  }
}

/** The error as it is shown to a person; undefined for our own faults, which keep their stack trace. */
export function expectedError(error: unknown): Error | undefined {
  if (isExpected(error)) return error
  const { code = '', path, syscall = '' } = (error ?? {}) as NodeJS.ErrnoException
  const where = path ?? (syscall && `a file (${syscall})`)
  const refusal = refusals[code]
  return refusal && where ? new LabError([{ where, ...refusal(where) }]) : undefined
}

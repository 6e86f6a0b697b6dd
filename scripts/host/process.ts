/** Running programs on this host: one door, so that every failure prints the same way and sudo is used only where asked. */

import { execa } from 'execa'
import { CommandError } from '../errors.ts'
import { trace } from '../progress/trace.ts'

export interface HostCommand {
  /** What is being done, in words, for the error. */
  step: string
  /** Run with root's rights: as it is where we are root, else through sudo. */
  root?: boolean
  input?: string
  env?: Record<string, string>
  cwd?: string
  timeoutSeconds?: number
  /** Called with each line of output (stdout and stderr) as it arrives. */
  onLine?: (line: string) => void
  /** Exit codes that are no failure; default only 0. */
  allow?: readonly number[]
}

export interface HostResult {
  stdout: string
  exitCode: number
}

export const isRoot = process.getuid?.() === 0

/** The argv that runs a program with root's rights. */
function withRoot(file: string, args: readonly string[]): [string, string[]] {
  return isRoot ? [file, [...args]] : ['sudo', ['--', file, ...args]]
}

/** Quotes one word for a POSIX shell. */
export function shellQuote(word: string): string {
  return /^[\w@%+=:,./-]+$/.test(word) ? word : `'${word.replaceAll("'", `'\\''`)}'`
}

/** Runs a program on this host. Throws CommandError with a pasteable line and the last output. */
export async function runOnHost(file: string, args: readonly string[], command: HostCommand): Promise<HostResult> {
  const [program, argv] = command.root ? withRoot(file, args) : [file, [...args]]
  trace(
    'host',
    `${[program, ...argv].map(shellQuote).join(' ')}${command.input === undefined ? '' : `  # ${command.step}`}`,
  )
  const child = execa(program, argv, {
    reject: false,
    all: true,
    ...(command.input === undefined ? { stdin: 'ignore' } : { input: command.input }),
    ...(command.env ? { env: command.env } : {}),
    ...(command.cwd ? { cwd: command.cwd } : {}),
    ...(command.timeoutSeconds ? { timeout: command.timeoutSeconds * 1000 } : {}),
  })
  if (command.onLine) {
    const { onLine } = command
    void (async () => {
      for await (const line of child.iterable({ from: 'all' })) onLine(String(line))
    })().catch(() => {})
  }
  const result = await child
  const exitCode = result.exitCode ?? 1
  if (
    !(command.allow ?? [0]).includes(exitCode) ||
    result.timedOut ||
    (result.failed && result.exitCode === undefined)
  ) {
    throw new CommandError({
      node: 'host',
      step: command.step,
      paste: [program, ...argv].map(shellQuote).join(' '),
      ...outcomeOf(result, program, command.timeoutSeconds),
    })
  }
  return { stdout: result.stdout ?? '', exitCode }
}

interface Ended {
  exitCode?: number | undefined
  timedOut: boolean
  code?: string | undefined
  all?: string | undefined
  shortMessage?: string | undefined
}

/** As a shell would tell it: 124 where its time was over, 127 where there is no such program. */
function outcomeOf({ exitCode = 1, timedOut, code, all = '', shortMessage = '' }: Ended, program: string, seconds = 0) {
  if (timedOut) return { exitCode: 124, output: `${all}\n(stopped after ${seconds} s)`.trim() }
  if (code === 'ENOENT') return { exitCode: 127, output: `${program}: there is no such program on PATH` }
  return { exitCode, output: all || shortMessage }
}

/**
 * Runs programs on this machine. Everything goes through here, so that failures look alike and sudo is used only where
 * asked.
 */

import { readFileSync } from 'node:fs'
import { execa } from 'execa'
import { CommandError } from '../declaration/errors.ts'
import { shellQuote } from '../terminal/shell-quote.ts'
import { proxiesGiven } from './outside.ts'
import { trace } from './progress/trace.ts'

export interface HostCommand {
  /** What is being done, in words, for the error. */
  step: string
  /** Run as root: as it is where we are root, else through sudo. */
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

/**
 * What our own programs have of root rights inside a lab's namespace, where they are the calling user: to become root,
 * and to end what they started so. sudo runs them on a terminal of their own, where it would ask for a password anew.
 */
export const carriedCapabilities = ['setuid', 'setgid', 'kill']

const mayBecomeRoot = (() => {
  const [setgid, setuid] = [1n << 6n, 1n << 7n]
  const held = BigInt(`0x${/^CapEff:\s*([0-9a-f]+)$/m.exec(readFileSync('/proc/self/status', 'utf8'))?.[1] ?? '0'}`)
  return (held & setgid) !== 0n && (held & setuid) !== 0n
})()

const noCapabilities = ['--inh-caps=-all', '--ambient-caps=-all']

/** The environment as sudo sets it: without the user's PATH and other variables. */
const rootEnvironment = ['PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin', 'HOME=/root']

/** apt may need the user's proxy settings, which sudo would drop. */
function wayOut(): string[] {
  const names = proxiesGiven()
  return names.length ? [`--preserve-env=${names.join(',')}`] : []
}

/** The words before a program that is to have root rights. `ask`: sudo may ask for a password where there is a terminal. */
export function rootPrefix({ ask = true } = {}): string[] {
  if (isRoot) return []
  if (!mayBecomeRoot) return ['sudo', ...(ask ? [] : ['-n']), ...wayOut(), '--']
  return [
    'setpriv',
    '--reuid=0',
    '--regid=0',
    '--clear-groups',
    ...noCapabilities,
    '--',
    'env',
    '-i',
    ...rootEnvironment,
  ]
}

/** The same for a command in a shell script; never asks for a password. */
export const rootPrefixInShell = (): string => [...rootPrefix({ ask: false }), ''].join(' ')

/** The words before a program that must not be root. */
export const withoutCarried = (): string[] => (mayBecomeRoot && !isRoot ? ['setpriv', ...noCapabilities, '--'] : [])

function withRoot(file: string, args: readonly string[]): [string, string[]] {
  const [program = '', ...rest] = [...rootPrefix(), file, ...args]
  return [program, rest]
}

/** We parse the output, so it must be English, whatever the user's language. */
const readable = { LC_ALL: 'C.UTF-8', LANGUAGE: '' }

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
    env: { ...readable, ...command.env },
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

/** Exit code of a command that was killed by its timeout, as `timeout` returns it. */
export const timeoutExitCode = 124

/** The exit code as a shell returns it: 127 if there is no such program. */
function outcomeOf({ exitCode = 1, timedOut, code, all = '', shortMessage = '' }: Ended, program: string, seconds = 0) {
  if (timedOut) return { exitCode: timeoutExitCode, output: `${all}\n(stopped after ${seconds} s)`.trim() }
  if (code === 'ENOENT') return { exitCode: 127, output: `${program}: no such program on PATH` }
  return { exitCode, output: all || shortMessage }
}

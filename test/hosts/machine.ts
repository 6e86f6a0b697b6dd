/** What every machine of these tests can do, whatever its kind, and where the machines of a run are stored. */

import { spawn } from 'node:child_process'
import { mkdir, mkdtemp } from 'node:fs/promises'
import { join } from 'node:path'
import { execa } from 'execa'
import { shellQuote } from '../../scripts/terminal/shell-quote.ts'
import { removeTree } from './remove-tree.ts'
import { cache } from './roots.ts'

export type User = 'root' | 'dev'

export interface RunOptions {
  /** After this time the command has failed, with code 124. Default: one hour. */
  timeoutSeconds?: number
  /** Do not show its output in this test's log. */
  quiet?: boolean
  input?: string
}

export interface Output {
  /** 124 if its time was over. */
  exitCode: number
  stdout: string
  /** With its stderr, in the order of output. */
  all: string
}

export interface Machine {
  name: string
  /** A command with which a person can log in and look around. */
  enter: string
  /** bash in a new login session of the user, over ssh. Never throws. */
  run(user: User, script: string, options?: RunOptions): Promise<Output>
  /** The machine shuts down cleanly and boots again. */
  reboot(): Promise<void>
  /** The machine's own log of its last minutes: a command's output does not say why a process ended. */
  lastWords(): Promise<string>
  /** Removes everything of it. */
  remove(): Promise<void>
}

const script = join(import.meta.dirname, 'systemd-machine.sh')

export const machineScript = (...words: string[]) => execa('bash', [script, ...words])

export interface Ground {
  folder: string
  /** The private key that every machine of this run admits. */
  key: string
  leave(): Promise<void>
}

/**
 * A folder for the machines of this run. Everything in it ends with this process, even if that is killed: a guard in
 * its own session waits for that.
 */
export async function takeGround(): Promise<Ground> {
  await mkdir(cache, { recursive: true })
  const folder = await mkdtemp(join(cache, 'duostack-hosts-'))
  const guard = spawn('bash', [script, 'guard', String(process.pid), folder], { detached: true, stdio: 'ignore' })
  guard.unref()
  const key = join(folder, 'key')
  await execa('ssh-keygen', ['-q', '-t', 'ed25519', '-N', '', '-f', key])
  return {
    folder,
    key,
    leave: async () => {
      // Its `tail`, the only child, ends with it.
      if (guard.pid) process.kill(-guard.pid, 'SIGKILL')
      await removeTree(folder)
    },
  }
}

/** ssh's arguments for a machine that is created again each time. */
export const sshOptions = (key: string) => [
  ...['-q', '-i', key, '-o', 'StrictHostKeyChecking=no', '-o', 'UserKnownHostsFile=/dev/null'],
  // An emulated machine that boots its own guests prints nothing for minutes.
  ...['-o', 'ConnectTimeout=20', '-o', 'ServerAliveInterval=30', '-o', 'ServerAliveCountMax=40', '-o', 'BatchMode=yes'],
]

/** Runs the script in a login shell, over the machine's own way to log in. */
export async function runOver(
  name: string,
  way: readonly string[],
  body: string,
  { timeoutSeconds = 3600, quiet = false, input }: RunOptions = {},
): Promise<Output> {
  if (!quiet) console.error(`${name} $ ${body}`)
  const [file = '', ...args] = way
  const { exitCode, timedOut, stdout, all } = await execa(file, [...args, `bash -lc ${shellQuote(body)}`], {
    reject: false,
    timeout: timeoutSeconds * 1000,
    ...(input === undefined ? { stdin: 'ignore' as const } : { input }),
    stdout: quiet ? 'pipe' : ['pipe', 'inherit'],
    stderr: quiet ? 'pipe' : ['pipe', 'inherit'],
    all: true,
  })
  return { exitCode: timedOut ? 124 : (exitCode ?? 255), stdout: String(stdout), all: String(all) }
}

/** The journal's warnings, if the machine still answers. */
export async function readWarnings({ run }: Pick<Machine, 'run'>): Promise<string> {
  const read = 'free -m; journalctl -b -p warning -n 40 -o short-iso --no-pager'
  return (await run('root', read, { quiet: true, timeoutSeconds: 300 })).all
}

/** Retries until the machine lets root in, which takes a minute on an emulated one. Throws at the end. */
export async function untilUp(machine: Pick<Machine, 'name' | 'run'>, seconds: number): Promise<void> {
  const end = Date.now() + seconds * 1000
  while (Date.now() < end) {
    const asked = await machine.run('root', 'systemctl is-system-running --wait', { timeoutSeconds: 60, quiet: true })
    if (/^(running|degraded)$/m.test(asked.stdout)) return
    await new Promise((resolve) => setTimeout(resolve, 500))
  }
  throw new Error(`${machine.name} is not up ${seconds} s after its start`)
}

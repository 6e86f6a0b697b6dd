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
  /** Then the command has failed, with code 124. An hour where nothing is said. */
  timeoutSeconds?: number
  /** Its output is not shown in this test's log. */
  quiet?: boolean
  input?: string
}

export interface Output {
  /** 124 where its time was over. */
  exitCode: number
  stdout: string
  /** With what it said on stderr, as it came. */
  all: string
}

export interface Machine {
  name: string
  /** A command for a person who wants to look around in it. */
  enter: string
  /** bash in a new login session of the user, over ssh. Never throws. */
  run(user: User, script: string, options?: RunOptions): Promise<Output>
  /** The machine goes down in order and boots again. */
  reboot(): Promise<void>
  /** What the machine itself says of its last minutes: why a process ended is not in a command's output. */
  lastWords(): Promise<string>
  /** Nothing of it stays. */
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
 * A folder for the machines of this run. What is in it ends with this process, also where that is killed: a guard of
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
      // With it ends its `tail`, which is all that it has.
      if (guard.pid) process.kill(-guard.pid, 'SIGKILL')
      await removeTree(folder)
    },
  }
}

/** ssh's arguments for a machine that is created again each time. */
export const sshOptions = (key: string) => [
  ...['-q', '-i', key, '-o', 'StrictHostKeyChecking=no', '-o', 'UserKnownHostsFile=/dev/null'],
  // An emulated machine whose own guests boot says nothing for minutes.
  ...['-o', 'ConnectTimeout=20', '-o', 'ServerAliveInterval=30', '-o', 'ServerAliveCountMax=40', '-o', 'BatchMode=yes'],
]

/** Runs the script in a login shell through the way in that the machine has. */
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

/** The journal's warnings, where the machine still answers. */
export async function readWarnings({ run }: Pick<Machine, 'run'>): Promise<string> {
  const read = 'free -m; journalctl -b -p warning -n 40 -o short-iso --no-pager'
  return (await run('root', read, { quiet: true, timeoutSeconds: 300 })).all
}

/** Asks until the machine admits root, which is a minute on an emulated one. Throws at the end. */
export async function untilUp(machine: Pick<Machine, 'name' | 'run'>, seconds: number): Promise<void> {
  const end = Date.now() + seconds * 1000
  while (Date.now() < end) {
    const asked = await machine.run('root', 'systemctl is-system-running --wait', { timeoutSeconds: 60, quiet: true })
    if (/^(running|degraded)$/m.test(asked.stdout)) return
    await new Promise((resolve) => setTimeout(resolve, 500))
  }
  throw new Error(`${machine.name} is not up ${seconds} s after its start`)
}

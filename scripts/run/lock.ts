/**
 * One lock per checkout: two commands never change the same lab at once, and a killed command leaves nothing to clean
 * up.
 */

import { spawn } from 'node:child_process'
import {
  closeSync,
  existsSync,
  mkdirSync,
  openSync,
  readdirSync,
  readFileSync,
  rmdirSync,
  rmSync,
  writeFileSync,
} from 'node:fs'
import { basename, dirname, join } from 'node:path'
import { CommandError, LabError } from '../declaration/errors.ts'
import type { Lab } from '../declaration/lab.ts'

interface Holder {
  pid: number
  command: string
  since: string
}

/** Exit code of flock(1) if another process holds the lock. */
const held = 75

/** Exit code of the holder's shell if the locked file is no longer the one with this name. */
const stale = 76

/** flock holds the file open. The shell answers when the lock is held, and ends when our pipe closes. */
const holding = `for open in /proc/$PPID/fd/*; do [ "$open" -ef "$1" ] && { echo; exec cat; }; done; exit ${stale}`

const depth = new Map<string, number>()

/**
 * Runs `work` while holding the lock of a checkout; a nested call in the same process goes straight through.
 * Throws LabError naming the command that holds it, its process and since when.
 */
export async function withLock<T>(
  checkout: string | Lab,
  work: () => Promise<T>,
  { last = false }: LockOptions = {},
): Promise<T> {
  const root = typeof checkout === 'string' ? checkout : checkout.root
  const nesting = depth.get(root) ?? 0
  const release = nesting === 0 ? await take(root) : () => {}
  depth.set(root, nesting + 1)
  try {
    const result = await work()
    if (last && nesting === 0) removeFile(root)
    return result
  } finally {
    depth.set(root, depth.get(root)! - 1)
    release()
  }
}

export interface LockOptions {
  /** After this work there is no lab: if `.lab` contains only the lock file, both are removed. */
  last?: boolean
}

/** Of a checkout. */
export const lockFile = (root: string) => join(root, '.lab', 'lock')

/** Removed while it is held: a process that waited for it then finds another file, or none, in its place. */
function removeFile(root: string): void {
  const folder = dirname(lockFile(root))
  if (readdirSync(folder).some((name) => name !== basename(lockFile(root)))) return
  rmSync(lockFile(root))
  rmdirSync(folder)
}

/**
 * The kernel's own flock, held by a child that ends when its pipe from us closes: so the lock goes with us, however
 * we end. The child has a session of its own, else Ctrl-C would end it while we still clean up.
 */
async function take(root: string): Promise<() => void> {
  const path = lockFile(root)
  // Both with their own errors, where the checkout cannot be written to: flock's and those of mkdir -p tell less.
  if (!existsSync(dirname(path))) makeFolder(dirname(path))
  closeSync(openSync(path, 'a', 0o600))
  const said: string[] = []
  const args = ['--nonblock', '--conflict-exit-code', `${held}`, path, 'sh', '-c', holding, 'sh', path]
  const child = spawn('flock', args, { stdio: ['pipe', 'pipe', 'pipe'], detached: true })
  const exitCode = await new Promise<number | undefined>((resolve, reject) => {
    child.stdout.once('data', () => resolve(undefined))
    child.stderr.on('data', (text) => said.push(String(text)))
    child.once('exit', (code) => resolve(code ?? 1))
    child.once('error', reject)
  })
  // The lab was removed between our opening of the file and its holder's end.
  if (exitCode === stale) return take(root)
  if (exitCode === held) throw new LabError([describeHolder(path)])
  if (exitCode !== undefined) {
    const output = said.join('') || 'flock said nothing'
    throw new CommandError({ node: 'host', step: "take the lab's lock", paste: `flock ${path} true`, exitCode, output })
  }
  child.stdout.resume()
  child.stderr.destroy()
  child.unref()
  const holder: Holder = { pid: process.pid, command: commandLine(), since: new Date().toISOString() }
  try {
    writeFileSync(path, `${JSON.stringify(holder)}\n`, { mode: 0o600 })
  } catch {
    // On a full disk. It only tells others who holds the lock; what keeps us alive without an end would be the child.
  }
  return () => child.stdin.end()
}

/** Another command may have created it meanwhile. */
function makeFolder(folder: string): void {
  try {
    mkdirSync(folder, { mode: 0o700 })
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error
  }
}

/** `held by up (process 12, since …)`; undefined if nobody holds it. Asks for nothing and waits for nobody. */
export async function whoHoldsLock(root: string): Promise<string | undefined> {
  const path = lockFile(root)
  if (!existsSync(path)) return undefined
  const args = ['--nonblock', '--conflict-exit-code', `${held}`, path, 'true']
  const child = spawn('flock', args, { stdio: 'ignore' })
  const exitCode = await new Promise((resolve) => child.once('exit', resolve).once('error', () => resolve(undefined)))
  return exitCode === held ? describeHolder(path).given : undefined
}

function commandLine(): string {
  return [basename(process.argv[1] ?? 'node'), ...process.argv.slice(2)].join(' ')
}

function describeHolder(path: string) {
  let holder: Partial<Holder> = {}
  try {
    holder = JSON.parse(readFileSync(path, 'utf8')) as Holder
  } catch {
    // Taken a moment ago, not written yet.
  }
  const who = holder.pid ? `${holder.command} (process ${holder.pid}, since ${holder.since})` : 'another command'
  return {
    where: path,
    given: `held by ${who}`,
    allowed: 'one command at a time per lab',
    remedy: 'wait until it has finished; the lock is released even if that command is killed',
  }
}

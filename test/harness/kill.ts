/** The ways in which a command or a node is killed. */

import { existsSync } from 'node:fs'
import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { stripVTControlCharacters } from 'node:util'
import { execa } from 'execa'
import { type Copy, userSettings } from './copy.ts'
import { readPids } from './machine.ts'
import { stopwatch } from './timing.ts'

export const signals = ['SIGINT', 'SIGTERM', 'SIGKILL', 'SIGHUP'] as const
export const kinds = [...signals, 'power cut', 'disk full'] as const
export type Kind = (typeof kinds)[number]

export interface Ended {
  /** Undefined if a signal ended it. */
  exitCode: number | undefined
  output: string
  /** The last finished step before the kill. */
  at: string
  /** Whether it was still running at that moment. */
  hit: boolean
  /** `1 min 20 s` */
  took: string
}

export interface Blow {
  kind: Kind
  /** After this line was printed, or at the latest after `latestSeconds`. */
  marker?: RegExp
  latestSeconds: number
  delaySeconds: number
}

/** Long before all deadlines have passed it is clear what failing nodes cause: then somebody presses Ctrl-C. */
const patienceSeconds = 90

/** A progress row that is redrawn eight times a second, not one that stays. */
const passing = /^\s*[⠋⠙⠹⠸⠼⠴⠦⠧⠇⠏·]/

/** Runs `./lab …` and kills at the chosen moment; waits until it has ended and the lab's lock is free. */
export async function runAndKill(copy: Copy, command: readonly string[], blow: Blow): Promise<Ended> {
  const took = stopwatch()
  console.error(`$ ./lab ${command.join(' ')}   (${blow.kind} ${blow.marker ?? ''})`)
  const child = startLab(copy, command, blow.kind === 'SIGHUP' || blow.kind === 'SIGINT')
  const lines: string[] = []
  let running = true
  let due: (() => void) | undefined
  const moment = new Promise<void>((resolve) => {
    due = () => setTimeout(resolve, blow.delaySeconds * 1000)
    setTimeout(() => due?.(), blow.latestSeconds * 1000).unref()
  })
  const read = (async () => {
    for await (const line of child.iterable({ from: 'all' })) {
      const plain = stripVTControlCharacters(String(line)).trimEnd()
      if (passing.test(plain)) continue
      lines.push(plain)
      console.error(plain)
      if (blow.marker?.test(plain)) due?.()
    }
  })()
  const ended = child.then((result) => {
    running = false
    return result
  })
  await Promise.race([moment, ended])
  const hit = running
  const at = lines.toReversed().find((line) => /[✓✗]/.test(line)) ?? 'the beginning'
  const release = hit ? await strike(copy, child, blow.kind) : async () => {}
  const impatience = setTimeout(() => running && send(child.pid!, 'SIGINT'), patienceSeconds * 1000)
  const { exitCode } = await ended
  clearTimeout(impatience)
  await read.catch(() => {})
  await release()
  await waitForLock(copy)
  return { exitCode, output: lines.join('\n'), at: shortStep(at), hit, took: took.shown() }
}

/** `12:01:02   ✓ services: nova created (8 s)` -> `services: nova made` */
const shortStep = (line: string) =>
  line
    .replace(/^.*?[✓✗] /, '')
    .replace(/ \([^)]*\).*$/, '')
    .trim()

/** In its own session, as from a terminal; with `terminal` in a real one, which can be closed and has a Ctrl-C. */
function startLab(copy: Copy, command: readonly string[], terminal: boolean) {
  const [file, args] = terminal
    ? ['script', ['-qefc', `stty cols 200; ./lab ${command.join(' ')}`, '/dev/null']]
    : ['./lab', [...command]]
  const settings = { ...userSettings(copy.root), stdin: 'pipe', detached: true, cleanup: false } as const
  return execa(file as string, args as string[], settings)
}

/** A command ended by a closed terminal or a signal cleans up first; the next one is told who holds the lock. */
async function waitForLock(copy: Copy): Promise<void> {
  const lock = join(copy.root, '.lab/lock')
  if (existsSync(lock)) await execa('flock', ['--wait', '60', lock, 'true'])
}

type Child = ReturnType<typeof startLab>

/** Returns what must be done before the next run, once the killed command has ended. */
async function strike(copy: Copy, child: Child, kind: Kind): Promise<() => Promise<void>> {
  const pid = child.pid!
  if (kind === 'power cut') {
    await copy.run('./lab', 'exec', '--', 'virsh', '-q', 'destroy', 'duostack-controller')
    return async () => {}
  }
  if (kind === 'disk full') return fillDisk(copy)
  // Ctrl-C at the terminal: it reaches all of its foreground processes.
  if (kind === 'SIGINT') child.stdin.write('\x03')
  else if (kind === 'SIGKILL') for (const one of await readTree(pid)) send(one, 'SIGKILL')
  // The terminal's program ends, and the kernel sends a hangup to everything started in it.
  else if (kind === 'SIGHUP') send(pid, 'SIGKILL')
  else send(pid, kind)
  return async () => {}
}

function send(pid: number, signal: NodeJS.Signals): void {
  try {
    process.kill(pid, signal)
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ESRCH') throw error
  }
}

/** A process and all that it started, the youngest first. */
async function readTree(root: number): Promise<number[]> {
  const children = new Map<number, number[]>()
  for (const name of await readPids()) {
    const stat = await readFile(`/proc/${name}/stat`, 'utf8').catch(() => '')
    const parent = Number(stat.slice(stat.lastIndexOf(')') + 2).split(' ')[1])
    children.set(parent, [...(children.get(parent) ?? []), Number(name)])
  }
  const all = [root]
  for (const pid of all) all.push(...(children.get(pid) ?? []))
  return all.toReversed()
}

/**
 * /etc on the controller has no room left, as on a full disk: a full file system of 256 KiB takes its writes. The
 * node's real disk is this machine's, which must not be filled.
 */
async function fillDisk(copy: Copy): Promise<() => Promise<void>> {
  const fill = `set -e; mkdir -p /run/full; mount -t tmpfs -o size=256k tmpfs /run/full; mkdir /run/full/upper /run/full/work
mount -t overlay overlay -o lowerdir=/etc,upperdir=/run/full/upper,workdir=/run/full/work /etc
dd if=/dev/zero of=/run/full/fill bs=4k 2>/dev/null || true; ! { echo x >/etc/no-room; } 2>/dev/null`
  const filled = await copy.run('./lab', 'ssh', 'controller', fill)
  return async () => {
    // A node that did not exist yet has no full disk.
    if (filled.exitCode !== 0) return
    await copy.run(
      './lab',
      'ssh',
      'controller',
      'umount -l /etc; umount -l /run/full; rmdir /run/full; test ! -e /etc/no-room',
    )
  }
}

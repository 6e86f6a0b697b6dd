/** The lab's network namespace: creates it, and runs programs inside it as the calling user. */

import { existsSync, statSync } from 'node:fs'
import { constants } from 'node:os'
import { execa } from 'execa'
import { LabError } from '../declaration/errors.ts'
import type { Lab } from '../declaration/lab.ts'
import { shellQuote } from '../terminal/shell-quote.ts'
import { carryEnvironment } from './environment-file.ts'
import { netnsPath } from './paths.ts'
import { carriedCapabilities, isRoot, runOnHost } from './process.ts'

const ownNamespace = '/proc/self/ns/net'

/** Where `ip netns add` was in another mount namespace, the name is an ordinary file. */
export function hasNamespace(lab: Pick<Lab, 'id'>): boolean {
  return statSync(netnsPath(lab), { throwIfNoEntry: false })?.dev === statSync(ownNamespace).dev
}

/** True if this process reaches the lab's addresses: always without a namespace, else only inside it. */
export function insideLab(lab: Pick<Lab, 'id' | 'isolation'>): boolean {
  if (lab.isolation === 'none') return true
  const own = statSync(ownNamespace)
  const wanted = statSync(netnsPath(lab), { throwIfNoEntry: false })
  return wanted !== undefined && wanted.ino === own.ino && wanted.dev === own.dev
}

/** An address of this machine can be reached only through its own interface or loopback. */
const ownInterfaceAlone =
  'PREROUTING ! -i lo -m addrtype --dst-type LOCAL -m addrtype ! --dst-type LOCAL --limit-iface-in -j DROP'

/**
 * Makes the namespace where it is missing. A name without a namespace behind it, as a reboot leaves it, is replaced.
 * This machine answers there on the interface of each of its addresses alone: an instance must not reach it by its
 * address of the management network. It has no IPv6 there: an interface would give itself an address that they reach.
 */
export async function ensureNamespace(lab: Pick<Lab, 'id'>): Promise<void> {
  const path = shellQuote(netnsPath(lab))
  const name = `duostack-${lab.id}`
  await runOnHost('bash', ['-s'], {
    step: `network namespace ${name}`,
    root: true,
    input: `set -e
if [ -e ${path} ] && [ "$(stat -f -c %T ${path})" != nsfs ]; then rm -f ${path}; fi
# ip makes the folder of all namespaces, which others look into; our own umask would lock them out.
umask 022
[ -e ${path} ] || ip netns add ${name}
ip -n ${name} link set lo up
nsenter --net=${path} bash -e <<'inside'
iptables -w -t raw -C ${ownInterfaceAlone} 2>/dev/null || iptables -w -t raw -A ${ownInterfaceAlone}
# A new namespace lets nobody send an echo request over a ping socket; ping has no other right on some systems.
echo '0 2147483647' >/proc/sys/net/ipv4/ping_group_range
# A kernel without IPv6 has neither.
for key in /proc/sys/net/ipv6/conf/{default,all}/disable_ipv6; do [ ! -e $key ] || echo 1 >$key; done
inside
`,
  })
}

/**
 * Runs a program where the lab can be reached: as the calling user, in this folder, with this environment and
 * terminal. Gives its exit code, or 128 and the number of the signal that ended it. SIGTERM and SIGHUP are passed on.
 */
export async function enterLab(lab: Lab, argv: readonly string[]): Promise<number> {
  const way = wayInside(lab, argv)
  try {
    return await run(way)
  } finally {
    way.done()
  }
}

/**
 * The same, but returns its output and exit code. Its stderr goes to the terminal. `pipe`: its stdin stays open until
 * this process ends.
 */
export async function askInside(
  lab: Lab,
  argv: readonly string[],
  stdin: 'ignore' | 'pipe' = 'ignore',
): Promise<{ stdout: string; exitCode: number }> {
  const way = wayInside(lab, argv)
  try {
    const { stdout, exitCode } = await execa(way.file, way.args, { stderr: 'inherit', stdin, reject: false })
    return { stdout, exitCode: exitCode ?? 1 }
  } finally {
    way.done()
  }
}

/** A command line that runs a program where the lab can be reached. */
export interface WayInside {
  file: string
  args: readonly string[]
  /** Sends a signal to the program; `child` is the process of `file`. */
  send(child: Child, signal: NodeJS.Signals): void
  /** To be called when the program has ended. */
  done(): void
}

/** Runs as the calling user, with this environment. Throws LabError if the lab's namespace does not exist. */
export function wayInside(lab: Lab, argv: readonly string[]): WayInside {
  const [file, ...args] = argv
  if (file === undefined) throw new Error('wayInside: no program given')
  const direct = { send: (child: Child, signal: NodeJS.Signals) => child.kill(signal), done: () => {} }
  if (insideLab(lab)) return { file, args, ...direct }
  if (!hasNamespace(lab)) throw new LabError([notThere(lab)])
  if (isRoot) return { file: 'nsenter', args: [`--net=${netnsPath(lab)}`, '--', file, ...args], ...direct }
  const carried = carryEnvironment(lab)
  // A program of ours asks for root rights again, for a node's root or a domain; a user's own has none to ask for.
  const rights = file === process.execPath ? carriedRights : []
  const user = ['setpriv', ...callingUser(), ...rights, '--']
  const inner = [`--net=${netnsPath(lab)}`, '--', ...user, ...carried.argv, file, ...args]
  // sudo runs as root, so the signal goes to the program itself, which is the user's own.
  return {
    file: 'sudo',
    args: ['--', 'nsenter', ...inner],
    send: (_, signal) => carried.signal(signal),
    done: carried.remove,
  }
}

/** setpriv's arguments that make root the calling user again, with his groups. */
function callingUser(): string[] {
  const groups = process.getgroups?.() ?? []
  return [
    `--reuid=${process.getuid?.()}`,
    `--regid=${process.getgid?.()}`,
    groups.length ? `--groups=${groups.join(',')}` : '--clear-groups',
  ]
}

const capabilities = carriedCapabilities.map((name) => `+${name}`).join(',')
const carriedRights = [`--inh-caps=${capabilities}`, `--ambient-caps=${capabilities}`]

interface Child {
  kill(signal: NodeJS.Signals): boolean
}

async function run({ file, args, send }: WayInside) {
  const child = execa(file, args, { stdio: 'inherit', reject: false })
  const passOn = (signal: NodeJS.Signals) => send(child, signal)
  // Ctrl-C reaches the whole group of the terminal by itself; we only stay alive to give the exit code.
  const interrupt = () => process.stdin.isTTY || process.stderr.isTTY || send(child, 'SIGINT')
  process.on('SIGTERM', passOn).on('SIGHUP', passOn).on('SIGINT', interrupt)
  try {
    const { exitCode, signal, code } = await child
    if (code === 'ENOENT') {
      throw new LabError([{ where: file, given: 'no such program', allowed: 'a program on PATH' }])
    }
    return exitCode ?? 128 + (signal ? (constants.signals[signal as NodeJS.Signals] ?? 0) : 0)
  } finally {
    process.off('SIGTERM', passOn).off('SIGHUP', passOn).off('SIGINT', interrupt)
  }
}

function notThere(lab: Lab) {
  const where = netnsPath(lab)
  if (existsSync(where)) {
    const given =
      'a file, not a network namespace: the lab was started in another mount namespace, as in `ip netns exec`'
    return { where, given, allowed: 'a network namespace', remedy: 'run this command in that mount namespace' }
  }
  const given = 'the lab is not running on this machine (a reboot stops it)'
  return { where, given, allowed: 'a running lab', remedy: './lab up' }
}

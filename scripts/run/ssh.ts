/**
 * Runs commands on nodes with the system's ssh: one master connection per node and process, scripts over standard
 * input.
 */

import { spawnSync } from 'node:child_process'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { execa } from 'execa'
import { CommandError, ConnectError } from '../declaration/errors.ts'
import type { Lab, LabNode } from '../declaration/lab.ts'
import { shellQuote } from '../terminal/shell-quote.ts'
import type { Host, RunOptions } from './host.ts'
import { timeoutExitCode } from './process.ts'
import { trace } from './progress/trace.ts'
import { sshPath } from './ssh-material.ts'
import { scaled, timeouts } from './timeouts.ts'

/** The last line of every script; a script that arrives incomplete is not started. */
const lastLine = '#duostack: end of script'

/**
 * What ssh runs on the node. The script is read whole, then stdin is closed to it: what it starts cannot eat its remaining
 * lines (rabbitmqctl would), and it stands in no argv. `timeout` bounds it where the connection is lost; 255 is kept for ssh.
 */
const remoteCommand = (seconds: number) =>
  `timeout -k 10 ${seconds} bash -c ${shellQuote(
    `script=$(cat); exec </dev/null; [[ $script == *${shellQuote(lastLine)} ]] || { echo 'the script arrived incomplete' >&2; exit 254; }; eval "$script"`,
  )}; code=$?; [ $code -ne 255 ] || code=254; exit $code`

/** The node as a command runner. The route to it is checked before the first connection. */
export function sshHost(lab: Lab, node: LabNode): Host {
  return {
    name: node.name,
    paste: (command) => pasteable(lab, node, command),
    async run(script, options) {
      await checkRoute(lab, node)
      return runOverSsh(lab, node, script, options)
    },
  }
}

function pasteable(lab: Lab, node: LabNode, command: string): string {
  const line = ['ssh', '-F', join(lab.paths.ssh, 'ssh_config'), node.name, ...(command ? [command] : [])]
  return `${lab.isolation === 'netns' ? './lab exec -- ' : ''}${line.map(shellQuote).join(' ')}`
}

async function runOverSsh(lab: Lab, node: LabNode, script: string, options: RunOptions): Promise<string> {
  const seconds = options.timeoutSeconds ?? scaled(lab, timeouts.nodes.command)
  // The engine's own scripts are thousands of characters, and show each of their operations as it comes.
  trace(node.name, script.length < 500 ? script : `(script of ${options.step})`)
  const args = ['-F', join(lab.paths.ssh, 'ssh_config'), ...connectionOptions(lab), node.name, remoteCommand(seconds)]
  const child = execa('ssh', args, {
    // sshd may leave the system's folders out of PATH for a command.
    input: `set -euo pipefail\nPATH=$PATH:/usr/sbin:/sbin\n${script}\n${lastLine}`,
    reject: false,
    all: true,
    stripFinalNewline: false,
    // Where the node is gone and nothing on it can end the command.
    timeout: (seconds + 30) * 1000,
  })
  const key = `${lab.id}/${node.name}`
  const master = masters.get(key) ?? { lab, node, commands: 0, isEnding: false }
  masters.set(key, master)
  master.commands++
  const reading = options.onLine ? readLines(child, options.onLine) : undefined
  const result = await child
  await reading
  master.commands--
  if (master.isEnding && master.commands === 0) close(key, master)
  if (result.exitCode === 0) return result.stdout
  // 255 is ssh's own; no code at all: it was ended by the timeout above or could not be run.
  if (result.exitCode === undefined || result.exitCode === 255) {
    const detail = result.timedOut ? `no answer within ${seconds} s` : sshComplaint(result.stderr)
    throw new ConnectError(node.name, detail || result.shortMessage || 'ssh ended', pasteable(lab, node, ''))
  }
  throw new CommandError({
    node: node.name,
    step: options.step,
    paste: pasteable(lab, node, options.paste ?? ''),
    exitCode: result.exitCode,
    output: result.exitCode === timeoutExitCode ? `${result.all}(stopped after ${seconds} s)` : result.all,
  })
}

async function readLines(child: AsyncIterableChild, onLine: (line: string) => void): Promise<void> {
  try {
    for await (const line of child.iterable({ from: 'stdout' })) onLine(String(line))
  } catch {
    // The exit code tells what was wrong.
  }
}

interface AsyncIterableChild {
  iterable(options: { from: 'stdout' }): AsyncIterable<unknown>
}

/** ssh's last lines of output, without its advice to delete a host key, which must not be done. */
const sshComplaint = (stderr: string) =>
  stderr
    .split('\n')
    .map((line) => line.trim())
    .filter((line) => line && !line.startsWith('ssh-keygen') && line !== 'remove with:')
    .slice(-3)
    .join('; ')

interface Master {
  lab: Lab
  node: LabNode
  /** That use the connection now. */
  commands: number
  /** To be closed when none uses it any more. */
  isEnding: boolean
}

const masters = new Map<string, Master>()
let controlFolder: string | undefined

function connectionOptions(lab: Lab): string[] {
  // Short, in the temporary folder: a socket's path may have 108 characters, and a checkout's may be longer.
  controlFolder ??= mkdtempSync(join(tmpdir(), 'duostack-ssh-'))
  const options = {
    BatchMode: 'yes',
    ConnectTimeout: scaled(lab, timeouts.nodes.connection),
    ControlMaster: 'auto',
    ControlPath: sshPath(controlFolder, '/%C'),
    // Bounds the master where this process is killed before it can close it.
    ControlPersist: 60,
    ServerAliveInterval: 10,
    ServerAliveCountMax: scaled(lab, timeouts.nodes.silence) / 10,
    LogLevel: 'ERROR',
  }
  return Object.entries(options).flatMap(([name, value]) => ['-o', `${name}=${value}`])
}

/**
 * Closes the master connections of this process, one that another command still uses when that has ended. The next command
 * opens a new one.
 */
export function disconnect(): void {
  for (const [key, master] of masters) {
    if (master.commands === 0) close(key, master)
    else master.isEnding = true
  }
}

function close(key: string, { lab, node }: Master): void {
  const config = join(lab.paths.ssh, 'ssh_config')
  spawnSync('ssh', ['-F', config, ...connectionOptions(lab), '-O', 'exit', node.name], { stdio: 'ignore' })
  masters.delete(key)
  if (masters.size > 0 || !controlFolder) return
  rmSync(controlFolder, { recursive: true, force: true })
  controlFolder = undefined
}

process.on('exit', () => {
  for (const [key, master] of masters) close(key, master)
})

const routes = new Map<string, Promise<void>>()

/** A lab address is contacted only through the lab's own bridge; elsewhere it would be another machine. */
export async function checkRoute(lab: Lab, node: LabNode): Promise<void> {
  const key = `${lab.networks.management.bridge}/${node.address}`
  const known = routes.get(key) ?? readRoute(lab, node)
  routes.set(key, known)
  try {
    await known
  } catch (error) {
    routes.delete(key)
    throw error
  }
}

async function readRoute(lab: Lab, node: LabNode): Promise<void> {
  const { bridge } = lab.networks.management
  const command = ['ip', '-j', 'route', 'get', node.address]
  const { stdout, exitCode, stderr } = await execa(command[0]!, command.slice(1), { reject: false })
  const device = exitCode === 0 ? (JSON.parse(stdout) as [{ dev?: string }])[0]?.dev : undefined
  if (device === bridge) return
  const found = device
    ? `${node.address} would be reached through ${device}`
    : `no route to ${node.address} (${stderr.trim()})`
  throw new ConnectError(node.name, `${found}, not through the lab's own bridge ${bridge}`, './lab doctor')
}

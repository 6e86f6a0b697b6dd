/**
 * A real ssh server on the loopback interface for the engine's tests, with its own keys and configuration, stopped
 * after the test.
 */

import { execFileSync, spawn } from 'node:child_process'
import { chmodSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { type AddressInfo, createServer } from 'node:net'
import { tmpdir, userInfo } from 'node:os'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import type { Lab, LabNode } from '../../scripts/declaration/lab.ts'
import type { Operation } from '../../scripts/engine/operation.ts'
import { type RunSettings, runOperations } from '../../scripts/engine/run-operations.ts'
import type { NodePlaces } from '../../scripts/engine/script.ts'
import { disconnect, sshHost } from '../../scripts/run/ssh.ts'
import { fixtureLab, fixtureNode } from '../fixtures/lab.ts'

export interface Sshd {
  lab: Lab
  node: LabNode
  /** This server's own folder; removed by `stop`. */
  folder: string
  /** Where the engine keeps its own files; on a node these are system folders. */
  places: NodePlaces
  /** Runs a part's operations there. */
  run(operations: readonly Operation[], options?: Partial<RunSettings>): Promise<string[]>
  /** Writes a program that the server's commands find before the machine's own. */
  program(name: string, text: string): void
  stop(): void
}

/** root listens as root, an ordinary user as that user. */
export async function startSshd(): Promise<Sshd> {
  const folder = mkdtempSync(join(tmpdir(), 'duostack-sshd-'))
  const programs = join(folder, 'bin')
  mkdirSync(programs)
  for (const key of ['host', 'id']) {
    execFileSync('ssh-keygen', ['-q', '-t', 'ed25519', '-N', '', '-C', '', '-f', join(folder, key)])
  }
  const port = await freePort()
  writeFileSync(join(folder, 'authorized_keys'), readFileSync(join(folder, 'id.pub')), { mode: 0o600 })
  writeFileSync(join(folder, 'known_hosts'), `[127.0.0.1]:${port} ${readFileSync(join(folder, 'host.pub'), 'utf8')}`)
  writeFileSync(join(folder, 'sshd_config'), serverConfig(folder, programs, port))
  writeFileSync(join(folder, 'ssh_config'), clientConfig(folder, port))
  chmodSync(folder, 0o755)
  // sshd requires its absolute path, and as root this folder.
  if (process.getuid?.() === 0) mkdirSync('/run/sshd', { recursive: true })
  const server = spawn('/usr/sbin/sshd', ['-D', '-e', '-f', join(folder, 'sshd_config')], {
    stdio: ['ignore', 'ignore', 'pipe'],
  })
  await listening(server)
  const node = fixtureNode('controller', 11, { address: '127.0.0.1', roles: ['controller', 'storage'] })
  const stop = () => {
    disconnect()
    server.kill()
    rmSync(folder, { recursive: true, force: true })
  }
  const lab = labOf(folder, node)
  const places = { run: join(folder, 'run'), systemd: join(folder, 'systemd'), policy: join(folder, 'policy-rc.d') }
  const settings = { label: 'glance', dry: false, timeScale: 1, secrets: [], places }
  return {
    ...{ lab, node, folder, places, stop },
    async run(operations, options = {}) {
      const outcomes = await runOperations(sshHost(lab, node), operations, { ...settings, ...options })
      return outcomes.map(({ title, reason }) => `${title}: ${reason}`.replaceAll(folder, ''))
    },
    program: (name, text) => writeFileSync(join(programs, name), text, { mode: 0o755 }),
  }
}

function labOf(folder: string, node: LabNode): Lab {
  const lab = fixtureLab('kvm')
  const management = { ...lab.networks.management, bridge: 'lo' }
  return { ...lab, nodes: [node], paths: { ...lab.paths, ssh: folder }, networks: { ...lab.networks, management } }
}

function serverConfig(folder: string, programs: string, port: number): string {
  return [
    `ListenAddress 127.0.0.1:${port}`,
    `HostKey ${folder}/host`,
    `AuthorizedKeysFile ${folder}/authorized_keys`,
    `PidFile ${folder}/sshd.pid`,
    // Everybody can write to the folder for temporary files.
    'StrictModes no',
    'UsePAM no',
    'PermitRootLogin prohibit-password',
    // A separate home folder: bash reads the .bashrc there for each command, and a developer's may be slow.
    `SetEnv PATH=${programs}:/usr/sbin:/usr/bin:/sbin:/bin HOME=${folder}`,
    '',
  ].join('\n')
}

function clientConfig(folder: string, port: number): string {
  return [
    'Host controller',
    '  HostName 127.0.0.1',
    `  Port ${port}`,
    `  User ${userInfo().username}`,
    `  IdentityFile ${folder}/id`,
    '  IdentitiesOnly yes',
    `  UserKnownHostsFile ${folder}/known_hosts`,
    '  StrictHostKeyChecking yes',
    '',
  ].join('\n')
}

async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1')
  await new Promise((resolve) => server.once('listening', resolve))
  const { port } = server.address() as AddressInfo
  await new Promise((resolve) => server.close(resolve))
  return port
}

async function listening(server: ReturnType<typeof spawn>): Promise<void> {
  let said = ''
  server.stderr?.on('data', (data) => {
    said += data
  })
  for (let tries = 0; tries < 200; tries++) {
    if (said.includes('Server listening')) return
    if (server.exitCode !== null) break
    await sleep(10)
  }
  throw new Error(`sshd did not start: ${said}`)
}

const { username } = userInfo()

/** The user who runs the tests owns what they write: an ordinary user cannot change a file's owner. */
export const me = { owner: username, group: execFileSync('id', ['-gn'], { encoding: 'utf8' }).trim() }

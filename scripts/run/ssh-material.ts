/**
 * The keys and the configuration with which this lab's nodes are reached, in .lab/ssh; created once, owned by the user.
 */

import { existsSync, lstatSync, mkdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { LabError } from '../declaration/errors.ts'
import { replaceFile } from '../declaration/files.ts'
import type { Lab, LabNode } from '../declaration/lab.ts'
import { isGivenHostKey } from '../declaration/node-traits.ts'
import { shellQuote } from '../terminal/shell-quote.ts'
import { controlFolders } from './paths.ts'
import { runOnHost } from './process.ts'
import { scaled, timeouts } from './timeouts.ts'

/** The user's key pair, a host key for each container, known_hosts and ssh_config. What is there stays as it is. */
export async function ensureSshMaterial(lab: Lab): Promise<void> {
  const folder = lab.paths.ssh
  mkdirSync(folder, { recursive: true, mode: 0o700 })
  await ensureKey(join(folder, 'id_ed25519'), `duostack-${lab.id}`)
  // A VM makes its own; only the public half comes here, when the VM has shown it (nodes/host-key.ts).
  if (isGivenHostKey(lab)) await Promise.all(lab.nodes.map((node) => ensureKey(hostKey(lab, node), node.name)))
  writeWhereDifferent(join(folder, 'known_hosts'), knownHosts(lab))
  writeWhereDifferent(join(folder, 'ssh_config'), sshConfig(lab, controlFolder(lab)))
}

const hostKey = (lab: Lab, node: LabNode) => join(lab.paths.ssh, `${node.name}_host_ed25519`)

async function ensureKey(path: string, comment: string): Promise<void> {
  if (existsSync(path) && existsSync(`${path}.pub`)) return
  // A private half whose writing was cut off would make ssh-keygen ask.
  await runOnHost(
    'bash',
    ['-c', 'rm -f "$1" "$1.pub" && ssh-keygen -q -t ed25519 -N "" -C "$2" -f "$1"', 'key', path, comment],
    {
      step: `ssh key ${path}`,
    },
  )
}

/** Pinned by name and address, before the first connection. A VM that has not yet started has none. */
function knownHosts(lab: Lab): string {
  return lab.nodes
    .filter((node) => existsSync(`${hostKey(lab, node)}.pub`))
    .map((node) => {
      const [type, key] = readFileSync(`${hostKey(lab, node)}.pub`, 'utf8').split(' ')
      return `${node.name},${node.address} ${type} ${key}\n`
    })
    .join('')
}

/** A Unix socket's path can have 108 characters, and a checkout's path may be longer; hence a short folder. */
function controlFolder(lab: Lab): string {
  const folder = controlFolders(lab)[0]!
  mkdirSync(folder, { recursive: true, mode: 0o700 })
  const { uid, mode } = lstatSync(folder)
  if (uid !== process.getuid?.() || (mode & 0o077) !== 0) {
    throw new LabError([
      {
        where: folder,
        given: `not private to this user (${uid}, mode ${(mode & 0o777).toString(8)})`,
        allowed: "a folder for the lab's ssh connections that only this user can access",
        remedy: `sudo rm -r ${shellQuote(folder)}`,
      },
    ])
  }
  return folder
}

/**
 * A path in ssh's configuration, or in its option -o: it may have spaces and quotes, and a percent sign would begin one of
 * ssh's own words, as which `rest` is taken.
 */
export const sshPath = (path: string, rest = '') => `"${path.replaceAll('%', '%%').replaceAll('"', '\\"')}${rest}"`

/** Pure. */
export function sshConfig(lab: Lab, controlFolder: string): string {
  const hosts = lab.nodes.map((node) => `Host ${node.name}\n  HostName ${node.address}\n`)
  return `# Made by ./lab up for lab ${lab.id}; written anew when the nodes change.
${hosts.join('')}Host *
  User root
  IdentityFile ${sshPath(`${lab.paths.ssh}/id_ed25519`)}
  IdentitiesOnly yes
  IdentityAgent none
  PreferredAuthentications publickey
  UserKnownHostsFile ${sshPath(`${lab.paths.ssh}/known_hosts`)}
  GlobalKnownHostsFile /dev/null
  StrictHostKeyChecking yes
  ControlMaster auto
  ControlPath ${sshPath(controlFolder, '/%C')}
  ControlPersist 60
  ConnectTimeout ${scaled(lab, timeouts.nodes.connection)}
  LogLevel ERROR
`
}

function writeWhereDifferent(path: string, content: string): void {
  if (existsSync(path) && readFileSync(path, 'utf8') === content) return
  replaceFile(path, content)
}

/** Looking inside the test instance: one ssh connection with the lab's key, to a host key that is its own. */

import { mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import type { Lab } from '../../declaration/lab.ts'
import { runOnHost } from '../../run/process.ts'
import { sshPath } from '../../run/ssh-material.ts'
import { scaled, timeouts } from '../../run/timeouts.ts'

export interface Inside {
  /** What the kernel says of itself. */
  greeting: string
  /** The instance's id as its metadata tells it; empty if metadata did not answer. */
  uuid: string
  disks: { name: string; serial: string }[]
}

// Tagged lines, so that a login banner does not matter. busybox everywhere: no option that only GNU tools know.
const lookScript = `
echo "kernel $(uname -sr)"
echo "metadata $(curl -s -f -m 30 http://169.254.169.254/openstack/latest/meta_data.json)"
for file in /sys/block/*/serial; do
  [ -r "$file" ] || continue
  disk=\${file%/serial}
  echo "disk \${disk##*/} $(cat "$file")"
done
`

export function parseInside(output: string): Inside {
  const lines = output.split('\n')
  const after = (tag: string) =>
    lines.filter((line) => line.startsWith(`${tag} `)).map((line) => line.slice(tag.length + 1))
  return {
    greeting: after('kernel')[0] ?? '',
    uuid: /"uuid":\s*"([^"]+)"/.exec(after('metadata')[0] ?? '')?.[1] ?? '',
    disks: after('disk').flatMap((line) => {
      const [name = '', serial = ''] = line.split(/\s+/)
      return serial ? [{ name, serial }] : []
    }),
  }
}

/** Host keys that the guest printed on its console, except the lab's own key, which a guest may print as well. */
function printedHostKeys(console: string, ownKey: string): string[] {
  const found = console.match(/(?:ssh-ed25519|ssh-rsa|ecdsa-sha2-nistp\d+) AAAA[\w+/=]+/g) ?? []
  return [...new Set(found)].filter((key) => !ownKey.includes(key))
}

/**
 * known_hosts of one instance, under its id: a later instance at the same address has its own. What the console printed
 * is pinned; without that the first key seen is kept, and a changed one refused.
 */
function knownHosts(lab: Lab, id: string, keys: readonly string[]): { file: string; pinned: boolean } {
  const directory = join(lab.paths.ssh, 'instances')
  mkdirSync(directory, { recursive: true, mode: 0o700 })
  const file = join(directory, id)
  if (keys.length) writeFileSync(file, keys.map((key) => `${id} ${key}\n`).join(''), { mode: 0o600 })
  return { file, pinned: keys.length > 0 }
}

/** argv of ssh to the instance, without a command. */
export function instanceSshArguments(lab: Lab, id: string, address: string, console: string): string[] {
  const ownKey = readFileSync(join(lab.paths.ssh, 'id_ed25519.pub'), 'utf8')
  const { file, pinned } = knownHosts(lab, id, printedHostKeys(console, ownKey))
  const options = {
    IdentityFile: sshPath(join(lab.paths.ssh, 'id_ed25519')),
    IdentitiesOnly: 'yes',
    IdentityAgent: 'none',
    BatchMode: 'yes',
    ConnectTimeout: String(scaled(lab, timeouts.verify.connection)),
    UserKnownHostsFile: sshPath(file),
    HostKeyAlias: id,
    StrictHostKeyChecking: pinned ? 'yes' : 'accept-new',
    LogLevel: 'ERROR',
  }
  const flags = Object.entries(options).flatMap(([name, value]) => ['-o', `${name}=${value}`])
  return ['-F', '/dev/null', ...flags, `root@${address}`]
}

/** Throws CommandError if ssh does not get in. */
export async function lookInside(lab: Lab, id: string, address: string, console: string): Promise<Inside> {
  const { stdout } = await runOnHost('ssh', [...instanceSshArguments(lab, id, address, console), 'sh -s'], {
    step: `ssh into the instance at ${address}`,
    input: lookScript,
    timeoutSeconds: scaled(lab, timeouts.nodes.query),
  })
  return parseInside(stdout)
}

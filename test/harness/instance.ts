/** Commands inside an instance, which has only busybox and curl. */

import { join } from 'node:path'
import { expect } from 'vitest'
import { sshPath } from '../../scripts/run/ssh-material.ts'
import { shellQuote } from '../../scripts/terminal/shell-quote.ts'
import { openstack } from './answers.ts'
import type { Copy } from './copy.ts'

/** Of a server by name or id; more arguments for the client follow it. */
export async function addressOf(copy: Copy, server: string, ...cloud: string[]): Promise<string> {
  type Shown = { addresses: Record<string, string[]> }
  const { addresses } = await openstack<Shown>(copy, ...cloud, 'server', 'show', server)
  return Object.values(addresses)[0]![0]!
}

/** ssh's options for the lab's key: `-i` would expand a % in its path. */
export const labKey = (copy: Copy) => ['-o', `IdentityFile=${sshPath(join(copy.root, '.lab/ssh/id_ed25519'))}`]

/** ssh to an instance with the lab's key; the command follows it. */
export function sshWords(copy: Copy, address: string): string[] {
  const options = ['-F', '/dev/null', ...labKey(copy), '-o', 'BatchMode=yes']
  const unknown = ['-o', 'StrictHostKeyChecking=no', '-o', 'UserKnownHostsFile=/dev/null', '-o', 'ConnectTimeout=60']
  return ['ssh', ...options, ...unknown, `root@${address}`]
}

/** A shell command inside an instance. Its exit code is ignored: the command may report what was refused. */
export async function inInstance(copy: Copy, address: string, command: string): Promise<string> {
  const result = await copy.run('./lab', 'exec', '--', ...sshWords(copy, address), command)
  expect(result.exitCode, `ssh to ${address}: ${result.stderr}`).not.toBe(255)
  return String(result.stdout)
}

/**
 * While its address or MAC is changed, the ssh session does not work: the script runs on its own, reports with `say`
 * what it saw, and ends when MAC and routes are restored.
 */
export async function behindItsBack(copy: Copy, address: string, script: string): Promise<string> {
  const whole = `say() { echo "$*" >>/tmp/seen; }
mac=$(cat /sys/class/net/eth0/address); ip route >/tmp/routes
${script}
ip link set eth0 down; ip link set eth0 address "$mac"; ip link set eth0 up
while read -r route; do ip route replace $route; done </tmp/routes
say end`
  await inInstance(copy, address, `rm -f /tmp/seen; setsid sh -c ${shellQuote(whole)} >/dev/null 2>&1 </dev/null &`)
  for (let attempt = 0; attempt < 40; attempt++) {
    await new Promise((resolve) => setTimeout(resolve, 3000))
    const seen = await inInstance(copy, address, 'cat /tmp/seen').catch(() => '')
    if (/^end$/m.test(seen)) return seen
  }
  throw new Error('the instance did not come back')
}

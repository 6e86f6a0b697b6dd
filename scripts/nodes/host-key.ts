/** The ssh host key of a VM: generated on the node, read from its serial console, pinned in .lab/ssh. */

import { join } from 'node:path'
import type { Lab, LabNode } from '../declaration/lab.ts'
import { consoleLog } from '../libvirt/console-log.ts'
import { runOnHost } from '../run/process.ts'
import { timeouts } from '../run/timeouts.ts'
import { waitFor } from '../run/wait-for.ts'

/** `ssh-ed25519 AAAA…`: the last one that the console showed, undefined if there is none yet. */
export function findHostKey(console: string): string | undefined {
  return [...console.matchAll(/^duostack-host-key: (ssh-ed25519 [A-Za-z0-9+/]{68})\r*$/gm)].at(-1)?.[1]
}

/** Waits until the node's console has shown its key. Nobody but this host can write there. */
export async function waitForHostKey(lab: Lab, node: LabNode): Promise<string> {
  const log = consoleLog(lab, node.name)
  const what = `${node.name}: its host key on the serial console`
  const wait = { what, timeoutSeconds: timeouts.nodes.boot.seconds, pauseSeconds: 0.5, next: `sudo less ${log}` }
  return waitFor(lab, wait, async () => {
    // virtlogd moves a long log aside.
    const { stdout } = await runOnHost('sh', ['-c', 'cat "$1.0" "$1" 2>/dev/null', 'sh', log], {
      step: `${node.name}: read its console`,
      root: true,
      allow: [0, 1],
    })
    const key = findHostKey(stdout)
    const lines = stdout.trim().split(/[\r\n]+/)
    return key ? { found: key } : { now: lines.at(-1) || 'nothing at all' }
  })
}

/**
 * Under a lock, because two nodes are pinned at once; each file is whole or as it was. Takes the place of what was
 * pinned for this node before. prepare makes known_hosts from the public halves too; a private half, from when the node
 * was a container in this checkout, would not belong to it any more.
 */
export async function pinHostKey(lab: Lab, node: LabNode, key: string): Promise<void> {
  const script = `set -eu
cd "$1"
{ grep -v "^$2," known_hosts 2>/dev/null || :; printf '%s,%s %s\\n' "$2" "$3" "$4"; } > known_hosts.new
rm -f "$2_host_ed25519"
printf '%s %s\\n' "$4" "$2" > "$2_host_ed25519.pub.new"
mv "$2_host_ed25519.pub.new" "$2_host_ed25519.pub"
mv known_hosts.new known_hosts`
  await runOnHost(
    'flock',
    [join(lab.paths.ssh, 'known_hosts.lock'), 'sh', '-c', script, 'sh', lab.paths.ssh, node.name, node.address, key],
    { step: `${node.name}: pin its host key`, timeoutSeconds: timeouts.machine.query.seconds },
  )
}

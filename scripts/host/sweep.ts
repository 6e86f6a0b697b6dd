/** Removes everything that carries a lab's id, and nothing else; also if libvirtd is dead or the state is lost. */

import { fileURLToPath } from 'node:url'
import type { LabHandle } from '../declaration/lab.ts'
import { removeRules } from '../libvirt/bridge-accept.ts'
import { describeInventory, describeLeft, type Inventory, readInventory } from '../libvirt/inventory.ts'
import { removeTables } from '../libvirt/outbound-rules.ts'
import { removeDomain, removeNetwork, removePool, virshInShell } from '../libvirt/virsh.ts'
import { runExpected } from '../run/expected.ts'
import { netnsPath } from '../run/paths.ts'
import { runOnHost } from '../run/process.ts'
import type { Progress } from '../run/progress.ts'
import { timeouts } from '../run/timeouts.ts'
import { tell } from '../terminal/print.ts'
import { shellQuote } from '../terminal/shell-quote.ts'

/** How often orphans are tried again: a process that is being ended holds its mounts for a moment. */
const rounds = 4

/**
 * Removes all that carries the lab's id and gives what is left: an empty inventory, or what resisted.
 * Nodes are switched off hard: nothing on them is kept. Safe to repeat, and safe inside the lab's own namespace:
 * the calling program, its parents and what they run there are spared.
 */
export async function sweep(lab: LabHandle, progress: Progress, note: (detail: string) => void = () => {}) {
  note('looking for everything with the lab id')
  let inventory = await readInventory(lab)
  const all = describeInventory(inventory).length
  for (let round = 0; round < rounds && describeInventory(inventory).length > 0; round++) {
    note(
      `${all - describeInventory(inventory).length} of ${all} removed · ${describeInventory(inventory)[0]} and others`,
    )
    await runOnHost('bash', ['-s'], {
      step: `remove lab ${lab.id}`,
      root: true,
      input: sweepScript(lab, inventory),
      timeoutSeconds: timeouts.machine.command.seconds,
      onLine: (line) => progress.line(`    ${line}`),
    })
    inventory = await readInventory(lab)
  }
  return inventory
}

/** What removes an inventory, in the order in which things hold each other. Every command may fail: the next inventory tells. */
export function sweepScript(lab: LabHandle, inventory: Inventory): string {
  const ask = (uri: string, commands: readonly string[]) =>
    commands.length ? `timeout 20 ${virshInShell(uri, commands.join('; '))} >/dev/null 2>&1` : ''
  const quoted = (paths: readonly string[]) => paths.map(shellQuote).join(' ')
  // The deepest first: an overlay lies inside the folder that is a mount of its own.
  const mounts = inventory.mounts.toSorted((a, b) => b.length - a.length)
  return [
    ...inventory.domains.map((domain) => `{ ${ask(lab.libvirtUris[domain.driver], removeDomain(domain))}; } &`),
    'wait',
    // A libvirtd of the lab's own has its logs in the lab's folder.
    ...(lab.isolation === 'none' ? inventory.domains.map(removeLog) : []),
    // By either driver, as one may not be installed; the second finds nothing where the first did it.
    ...Object.values(lab.libvirtUris).map((uri) =>
      ask(uri, [...inventory.networks.flatMap(removeNetwork), ...inventory.pools.flatMap(removePool)]),
    ),
    ...endProcesses(inventory),
    // With a mount as the handle on this machine's network.
    ...(inventory.rules.length > 0 ? [removeRules(lab.id), removeTables(lab)] : []),
    ...mounts.map((point) => `umount ${shellQuote(point)} 2>/dev/null || umount -l ${shellQuote(point)}`),
    ...inventory.namespaces.map((name) => `ip netns del ${shellQuote(name)} || rm -f ${shellQuote(netnsPath(lab))}`),
    ...inventory.links.map((name) => `ip link del ${shellQuote(name)} 2>/dev/null`),
    ...inventory.cgroups.map((path) => `find ${shellQuote(path)} -depth -type d -exec rmdir {} + 2>/dev/null`),
    ...lab.nodes.map((node) => removeCgroups(`${lab.name}-${node.name}`)),
    ...removeFolders(lab, inventory, quoted),
    'exit 0',
  ].join('\n')
}

/**
 * By number, and only while it is still what the inventory saw: numbers are used again. The daemons get a moment to
 * go by themselves, so that libvirtd takes its firewall rules with it.
 */
function endProcesses({ processes }: Inventory): string[] {
  if (processes.length === 0) return []
  const list = processes.map(({ pid, program }) => `${pid} ${program}`).join('\n')
  return [
    `processes=${shellQuote(list)}`,
    `each() { while read -r pid program; do
      comm=; { read -r comm <"/proc/$pid/comm"; } 2>/dev/null; [ "$comm" = "$program" ] && "$@" "$pid"
    done <<<"$processes"; }`,
    'alive=; count() { alive=1; }',
    'await_end() { for _ in {1..20}; do alive=; each count; [ -z "$alive" ] && break; sleep 0.05; done; }',
    'each kill -TERM 2>/dev/null; await_end; each kill -KILL 2>/dev/null; await_end',
  ]
}

const removeLog = ({ driver, name }: Inventory['domains'][number]) =>
  `rm -f ${shellQuote(`/var/log/libvirt/${driver}/${name}.log`)}{,.[0-9]*}`

/** What libvirt leaves of a domain that ended without it: named by the number of a process that is no more, and empty. */
function removeCgroups(domain: string): string {
  return `for path in /sys/fs/cgroup/machine/lxc-*-${domain}.libvirt-lxc /sys/fs/cgroup/*/machine/lxc-*-${domain}.libvirt-lxc; do
  pid=\${path##*/lxc-}; [ -d "$path" ] && [ ! -d "/proc/\${pid%%-*}" ] && find "$path" -depth -type d -exec rmdir {} + 2>/dev/null
done`
}

/** Never across a mount: what is still mounted below would be emptied, and it may be the shared node image. */
function removeFolders(
  lab: LabHandle,
  { directories }: Inventory,
  quoted: (paths: readonly string[]) => string,
): string[] {
  const folders = directories.filter((path) => path.includes(lab.id))
  return folders.length
    ? [
        `if ! grep -q ${shellQuote(` ${lab.paths.data}`)} /proc/self/mountinfo; then rm -rf --one-file-system ${quoted(folders)}; fi`,
        'rmdir /var/lib/duostack 2>/dev/null',
      ]
    : []
}

/** As a program: the destroy provisioner of the stack `nodes`; fails if anything is left. */
async function main(): Promise<void> {
  const { loadLab } = await import('../declaration/load.ts')
  const { terminalProgress } = await import('../run/progress.ts')
  const lab = loadLab()
  const left = describeInventory(await sweep(lab, terminalProgress()))
  if (left.length === 0) return
  tell(describeLeft(lab, left))
  process.exitCode = 1
}

if (process.argv[1] === fileURLToPath(import.meta.url)) await runExpected(main)

/**
 * Holds virtual machines still with their memory in a file, and lets them continue. libvirt's managed save does both:
 * whoever starts such a domain, continues it, once.
 */

import { existsSync } from 'node:fs'
import { cpus } from 'node:os'
import { LabError } from '../declaration/errors.ts'
import type { Lab, LabNode } from '../declaration/lab.ts'
import { domainName } from '../libvirt/domain-name.ts'
import { runVirsh, virshInShell } from '../libvirt/virsh.ts'
import { asRoot } from '../run/as-root.ts'
import { savesPaths } from '../run/paths.ts'
import { runOnHost } from '../run/process.ts'
import { timeouts } from '../run/timeouts.ts'
import { showMiB } from '../terminal/amounts.ts'
import { shellQuote } from '../terminal/shell-quote.ts'
import { machinePaths, poolDescription, poolOf, savedStates } from './vm-paths.ts'

/** On which machine a memory was saved: it continues on no other. */
export interface Machine {
  processor: string
  qemu: string
}

export async function readMachine(): Promise<Machine> {
  const processor = cpus()[0]?.model.trim() || 'unknown'
  const ask = { step: 'which QEMU', timeoutSeconds: timeouts.machine.look.seconds, allow: [0, 1, 127] }
  const { stdout } = await runOnHost('qemu-system-x86_64', ['--version'], ask)
  const [, qemu = 'unknown'] = /version (\S+)/.exec(stdout) ?? []
  return { processor, qemu }
}

/** All are held first, so that none goes on without the others; then the memory of each is written, which takes a while. */
export async function freeze(lab: Lab, nodes: readonly LabNode[]): Promise<void> {
  if (nodes.length === 0) return
  await expectRoom(lab, nodes)
  const ask = (node: LabNode, words: readonly [string, ...string[]], seconds: number) =>
    runVirsh(lab.libvirtUri, [words[0], domainName(lab, node.name), ...words.slice(1)], {
      step: `${node.name}: ${words[0]}`,
      timeoutSeconds: seconds,
    })
  const { command, layers } = timeouts.machine
  await Promise.all(nodes.map((node) => ask(node, ['suspend'], command.seconds)))
  await Promise.all(nodes.map((node) => ask(node, ['managedsave', '--running'], layers.seconds)))
}

/**
 * The memory of the nodes is on the disk once, uncompressed; what no node has written to takes nothing. A link that was
 * left by an earlier start would have libvirt write into a save.
 */
async function expectRoom(lab: Lab, nodes: readonly LabNode[]): Promise<void> {
  const [states, { base }] = [savedStates(lab), savesPaths(lab)]
  const links = nodes.map(({ name }) => shellQuote(`${states}/${domainName(lab, name)}.save`)).join(' ')
  const { stdout } = await asRoot(
    'look for room for the memory of the nodes',
    `for link in ${links}; do if [ -L "$link" ]; then rm -f "$link"; fi; done
df -B1 --output=avail ${shellQuote(states)} ${shellQuote(base)} 2>/dev/null || :
`,
  )
  const free = Math.min(...stdout.split('\n').flatMap((line) => (/^\s*\d+\s*$/.test(line) ? [Number(line)] : [])))
  const needed = (nodes.reduce((sum, { memoryMiB }) => sum + memoryMiB, 0) + 1024) * 2 ** 20
  if (free >= needed) return
  throw new LabError([
    {
      where: './lab save',
      given: `${showMiB(free)} free, and the memory of the nodes may take ${showMiB(needed)}`,
      allowed: `that much room in ${savesPaths(lab).base}`,
      remedy: './lab saves; ./lab save --delete NAME; or ./lab stop first: a lab that is off has no memory to save',
    },
  ])
}

/** With its disks, a restore or a save has laid its memory down, and its domain is not started yet. */
export const hasMemory = (lab: Pick<Lab, 'paths'>, { name }: Pick<LabNode, 'name'>): boolean =>
  existsSync(machinePaths(lab, name).memory)

/** A restore or a save has laid its disks down, and its domain is not started yet. */
export const isLaidDown = (lab: Pick<Lab, 'paths'>, node: Pick<LabNode, 'name'>): boolean =>
  existsSync(machinePaths(lab, node.name).description) || hasMemory(lab, node)

export async function findHeld(lab: Lab): Promise<LabNode[]> {
  const ask = { step: 'look for nodes that are held' }
  const { stdout } = await runVirsh(lab.libvirtUri, ['list', '--state-paused', '--name'], ask)
  const paused = stdout.split('\n')
  return lab.nodes.filter((node) => paused.includes(domainName(lab, node.name)) || isLaidDown(lab, node))
}

/** Starts it: with the memory of the save where there is one, whose disks nobody has written to since. */
export async function wake(lab: Lab, { name }: LabNode): Promise<void> {
  const { base, description, memory } = machinePaths(lab, name)
  const domain = domainName(lab, name)
  const ask = (...words: string[]) => virshInShell(lab.libvirtUri, ...words)
  const pool = poolOf(lab).name
  await asRoot(
    `${name}: start`,
    `base=${shellQuote(base)} description=${shellQuote(description)} memory=${shellQuote(memory)}
layers=${shellQuote(savesPaths(lab).layers)} link=${shellQuote(`${savedStates(lab)}/${domain}.save`)}
# Another pool with this uuid must not pass for the lab's.
${ask('pool-info', pool)} >/dev/null 2>&1 || [ ! -e ${shellQuote(poolDescription(lab))} ] || ${ask('pool-define', poolDescription(lab))} >/dev/null
for step in start autostart refresh; do ${virshInShell(lab.libvirtUri)} "pool-$step" ${shellQuote(pool)} >/dev/null 2>&1 || :; done
state=$(${ask('domstate', domain)} 2>/dev/null) || state=
if [ -z "$state" ]; then
  rm -f "$link"
  if [ -e "$memory" ]; then
    for disk in ${shellQuote(`${lab.paths.data}/pool/${name}-`)}{root,volumes}.qcow2; do
      if [ "$disk" -nt "$memory" ]; then rm -f "$memory"; fi
    done
  fi
  if [ -e "$memory" ]; then
    mkdir -p -m 0755 "\${link%/*}"
    ln -s "$layers/$(cat "$memory")" "$link"
  fi
  ${ask('define', description)}
  ${ask('autostart', domain)}
fi
# While a save that was killed still writes the memory, libvirt makes us wait; afterwards it is off.
while [ "$state" = paused ]; do
  if ${ask('resume', domain)}; then state=running; else state=$(${ask('domstate', domain)}); fi
done
if [ "$state" != running ]; then
  # What cannot be continued must not be in the way of the domain's removal.
  ${ask('start', domain)} || { rc=$?; if [ -L "$link" ]; then rm -f "$link"; fi; exit $rc; }
fi
rm -f "$description" "$memory"
`,
  )
}

/**
 * A node as a virtual machine: Terraform's libvirt provider creates its domain and disks; everything else is done here.
 */

import type { Lab, LabNode } from '../declaration/lab.ts'
import { emulationFactor } from '../declaration/node-traits.ts'
import { consoleLog } from '../libvirt/console-log.ts'
import { domainName } from '../libvirt/domain-name.ts'
import { runVirsh, virshHint } from '../libvirt/virsh.ts'
import { disconnect } from '../run/ssh.ts'
import { timeouts } from '../run/timeouts.ts'
import { cutPower, forgetEnding, isEnding, shutDown, startDomain } from './domain.ts'
import { pinHostKey, waitForHostKey } from './host-key.ts'
import { setClock } from './node-clock.ts'
import type { NodeKind } from './node-kind.ts'
import { waitForNode } from './reach.ts'
import { checkpoint } from './vm-disks.ts'
import { hasMemory, isLaidDown, wake } from './vm-memory.ts'

/** On KVM, or emulated. */
export const machine = ({ usesKvm }: Pick<NodeKind, 'usesKvm'>): NodeKind => ({
  driver: 'qemu',
  image: 'disk',
  sharesHost: false,
  byProvider: true,
  usesKvm,
  slowdown: usesKvm ? 1 : emulationFactor,
  capabilities: async () => ({ vlan: true, lvm: true }),
  hasVxlan: async () => true,
  create,
  destroy: cutPower,
  start,
  continues: hasMemory,
  stop: shutDown,
  resize,
  checkpoint,
})

/** Pins the host key that it shows on its console. */
async function create(lab: Lab, node: LabNode): Promise<void> {
  await pinHostKey(lab, node, await waitForHostKey(lab, node))
  await waitForNode(lab, node, `sudo less ${consoleLog(lab, node.name)}`)
}

async function start(lab: Lab, node: LabNode): Promise<void> {
  const held = isLaidDown(lab, node)
  if (held) forgetEnding(lab, node)
  else if (isEnding(lab, node)) await shutDown(lab, node)
  const { state, saved } = held ? { state: '', saved: false } : await readDomain(lab, node)
  const continues = held || saved || state === 'paused'
  if (continues) await wake(lab, node)
  else if (state !== 'running') await startDomain(lab, node)
  await waitForNode(lab, node, virshHint('console', domainName(lab, node.name)))
  if (!continues) return
  try {
    await setClock(lab, node, 0)
  } finally {
    await disconnect()
  }
}

/** `saved`: it is off, and libvirt continues it with the memory that it has of it. */
async function readDomain(lab: Lab, { name }: LabNode): Promise<{ state: string; saved: boolean }> {
  const ask = { step: `${name}: look at its domain`, timeoutSeconds: timeouts.machine.query.seconds }
  const { stdout } = await runVirsh(lab.libvirtUri, ['dominfo', domainName(lab, name)], ask)
  return { state: /^State: +(.*)$/m.exec(stdout)?.[1]?.trim() ?? '', saved: /^Managed save: +yes/m.test(stdout) }
}

/** Not by Terraform, whose provider would make another domain. Its state follows at the next refresh. */
async function resize(lab: Lab, node: LabNode): Promise<void> {
  const domain = domainName(lab, node.name)
  const memory = `${node.memoryMiB}MiB`
  const commands = [
    `setmaxmem ${domain} ${memory} --config`,
    `setmem ${domain} ${memory} --config`,
    `setvcpus ${domain} ${node.vcpus} --config --maximum`,
    `setvcpus ${domain} ${node.vcpus} --config`,
  ]
  for (const command of commands) await runVirsh(lab.libvirtUri, [command], { step: `${node.name}: ${command}` })
}

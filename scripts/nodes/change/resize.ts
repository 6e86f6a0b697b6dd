/** Another size for nodes that stand: shut down in order, defined anew, started again; their disks are kept. */

import type { Lab, LabNode } from '../../declaration/lab.ts'
import { domainName } from '../../libvirt/domain-name.ts'
import { runVirsh } from '../../libvirt/virsh.ts'
import type { Progress } from '../../run/progress.ts'
import { startNodes, stopNodes } from '../power.ts'
import { describeSize, type NodeChanges } from './node-changes.ts'

/** Killed at any place, the next run goes on: a node that is off is started with the size that is declared. */
export async function resizeNodes(lab: Lab, resized: NodeChanges['resized'], progress: Progress): Promise<void> {
  for (const change of resized) progress.line(`  ${change.node.name}: ${describeSize(change)}, after an orderly stop`)
  const nodes = resized.map(({ node }) => node)
  await stopNodes(lab, progress, nodes)
  // A container's description is written and defined anew at every start.
  if (lab.hypervisor !== 'lxc') for (const node of nodes) await defineSize(lab, node)
  await startNodes(lab, progress, nodes)
}

/** By virsh rather than by Terraform, whose provider would make another domain. Its state follows at the next refresh. */
async function defineSize(lab: Lab, node: LabNode): Promise<void> {
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

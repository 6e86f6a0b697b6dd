/**
 * A node as a libvirt container. Our script creates its domain, because the libvirt provider can only create QEMU
 * domains.
 */

import { DataResource, type TerraformStack } from 'cdktf'
import type { Lab, LabNode } from '../scripts/declaration/lab.ts'
import { recordOf } from '../scripts/nodes/change/built-nodes.ts'
import type { NodeNetworks } from './node-networks.ts'
import { runScript } from './run-script.ts'

/**
 * Created and removed by scripts/container.ts, over the same libvirtd. Replaced, losing all its data, only if something
 * changes that cannot change in place; prepare changes memory, CPUs and devices in place (scripts/nodes/change/).
 */
export function addContainer(stack: TerraformStack, lab: Lab, node: LabNode, networks: NodeNetworks): DataResource {
  return new DataResource(stack, node.name, {
    input: recordOf(lab.hypervisor, node),
    triggersReplace: { image: lab.imageDigest, address: node.address },
    provisioners: [
      { type: 'local-exec', ...runScript(lab, 'scripts/container.ts', 'create', node.name) },
      { type: 'local-exec', when: 'destroy', ...runScript(lab, 'scripts/container.ts', 'destroy', node.name) },
    ],
    dependsOn: [networks.management, networks.provider],
  })
}

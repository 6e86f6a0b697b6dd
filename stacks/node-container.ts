/** A node as a libvirt container: the one domain that is not the provider's, which cannot make any but QEMU's. */

import { createHash } from 'node:crypto'
import { DataResource, type TerraformStack } from 'cdktf'
import type { Lab, LabNode } from '../scripts/declaration/lab.ts'
import { renderContainer } from '../scripts/nodes/container-xml.ts'
import type { NodeNetworks } from './nodes.ts'
import { runScript } from './run-script.ts'

/** Made and removed by scripts/container.ts, over the same libvirtd; made anew when anything that defines it changes. */
export function addContainer(stack: TerraformStack, lab: Lab, node: LabNode, networks: NodeNetworks): DataResource {
  const definition = createHash('sha256').update(`${lab.imageDigest}\n${node.address}\n${renderContainer(lab, node)}`)
  return new DataResource(stack, node.name, {
    triggersReplace: { definition: definition.digest('hex') },
    provisioners: [
      { type: 'local-exec', ...runScript(lab, 'scripts/container.ts', 'create', node.name) },
      { type: 'local-exec', when: 'destroy', ...runScript(lab, 'scripts/container.ts', 'destroy', node.name) },
    ],
    dependsOn: [networks.management, networks.provider],
  })
}

/**
 * A node as a virtual machine: its disks on top of the shared image, its domain, and the wait until it can be reached.
 */

import { join } from 'node:path'
import { CloudinitDisk } from '@cdktf/provider-libvirt/cloudinit-disk'
import { Domain, type DomainConfig } from '@cdktf/provider-libvirt/domain'
import { Pool } from '@cdktf/provider-libvirt/pool'
import { Volume } from '@cdktf/provider-libvirt/volume'
import { DataResource, type TerraformStack } from 'cdktf'
import type { Lab, LabNode } from '../scripts/declaration/lab.ts'
import { stockImageFile } from '../scripts/image/stock-image.ts'
import { domainMark, domainName } from '../scripts/libvirt/domain-name.ts'
import { recordOf } from '../scripts/nodes/change/built-nodes.ts'
import { renderCloudInit } from '../scripts/nodes/cloudinit.ts'
import { kindOf } from '../scripts/nodes/kind-of.ts'
import { kernelWords, publicKeyBlob } from '../scripts/nodes/vm-kernel.ts'
import { disksOf, poolFiles, poolOf } from '../scripts/nodes/vm-paths.ts'
import type { NodeNetworks } from './node-networks.ts'
import { domainStylesheet } from './node-vm-xslt.ts'
import { runScript } from './run-script.ts'

/** The image as the lab's own volumes: a domain never refers to a path in a home folder or in the shared cache. */
export interface ImagePool {
  pool: Pool
  root: Volume
  /** Booted directly; absent for a stock image, which has its own boot loader. */
  boot?: { kernel: Volume; initrd: Volume }
}

export function addPool(stack: TerraformStack, lab: Lab, end: DataResource): ImagePool {
  const pool = new Pool(stack, 'image_pool', {
    name: poolOf(lab).name,
    type: 'dir',
    target: { path: poolOf(lab).path },
    dependsOn: [end],
  })
  const imageVolume = (id: string, name: string, format: string, source = join(lab.paths.image, name)) =>
    new Volume(stack, id, { name, pool: pool.name, source, format })
  if (lab.stockImage) {
    return { pool, root: imageVolume('image_root', poolFiles.image, 'qcow2', stockImageFile(lab.stockImage)) }
  }
  return {
    pool,
    root: imageVolume('image_root', poolFiles.image, 'qcow2'),
    boot: {
      kernel: imageVolume('image_kernel', poolFiles.kernel, 'raw'),
      initrd: imageVolume('image_initrd', poolFiles.initrd, 'raw'),
    },
  }
}

export function addMachine(
  stack: TerraformStack,
  lab: Lab,
  node: LabNode,
  networks: NodeNetworks,
  image: ImagePool,
): void {
  const domain = new Domain(stack, node.name, {
    name: domainName(lab, node.name),
    description: domainMark(lab.id),
    type: lab.hypervisor,
    vcpu: node.vcpus,
    memory: node.memoryMiB,
    // Under emulation the default model is as good as any other; on KVM nested guests need the real one.
    ...(kindOf(lab).usesKvm ? { cpu: { mode: 'host-passthrough' } } : {}),
    autostart: true,
    ...identityOf(stack, lab, node, image),
    disk: addDisks(stack, node, image).map((volume) => ({ volumeId: volume.id })),
    networkInterface: [
      { networkId: networks.management.id, mac: node.macs.management },
      { networkId: networks.provider.id, mac: node.macs.provider },
    ],
    console: [{ type: 'pty', targetType: 'serial', targetPort: '0' }],
    xml: { xslt: domainStylesheet(lab, node) },
  })
  new DataResource(stack, `${node.name}_reachable`, {
    input: recordOf(lab.hypervisor, node),
    // Its uuid, which is new each time the domain is recreated; a volume's id is a path and stays the same.
    triggersReplace: { domain: domain.id },
    provisioners: [{ type: 'local-exec', ...runScript(lab, 'scripts/reachable.ts', node.name) }],
  })
}

/** How the machine learns which node it is: our own image from kernel arguments, a stock image from a disk. */
function identityOf(stack: TerraformStack, lab: Lab, node: LabNode, { pool, boot }: ImagePool): Partial<DomainConfig> {
  if (boot) return { kernel: boot.kernel.id, initrd: boot.initrd.id, cmdline: kernelWords(lab, node) }
  const disk = new CloudinitDisk(stack, `${node.name}_cloudinit`, {
    name: poolFiles.cloudInit(node.name),
    pool: pool.name,
    ...renderCloudInit(lab, node, publicKeyBlob(lab)),
  })
  return { cloudinit: disk.id }
}

function addDisks(stack: TerraformStack, node: LabNode, { pool, root }: ImagePool): Volume[] {
  return disksOf(node).map(
    ({ kind, file, bytes }) =>
      new Volume(stack, `${node.name}_${kind}`, {
        name: file,
        pool: pool.name,
        ...(kind === 'root' ? { baseVolumeId: root.id } : {}),
        format: 'qcow2',
        size: bytes,
      }),
  )
}

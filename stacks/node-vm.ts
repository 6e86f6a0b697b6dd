/**
 * A node as a virtual machine: its disks on top of the shared image, its domain, and the wait until it can be reached.
 */

import { existsSync, readFileSync } from 'node:fs'
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
    name: `${lab.name}-pool`,
    type: 'dir',
    target: { path: join(lab.paths.data, 'pool') },
    dependsOn: [end],
  })
  const imageVolume = (id: string, name: string, format: string, source = join(lab.paths.image, name)) =>
    new Volume(stack, id, { name, pool: pool.name, source, format })
  if (lab.stockImage) {
    return { pool, root: imageVolume('image_root', 'root.qcow2', 'qcow2', stockImageFile(lab.stockImage)) }
  }
  return {
    pool,
    root: imageVolume('image_root', 'root.qcow2', 'qcow2'),
    boot: {
      kernel: imageVolume('image_kernel', 'vmlinuz', 'raw'),
      initrd: imageVolume('image_initrd', 'initrd', 'raw'),
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
  if (boot) return { kernel: boot.kernel.id, initrd: boot.initrd.id, cmdline: kernelCommandLine(lab, node) }
  const disk = new CloudinitDisk(stack, `${node.name}_cloudinit`, {
    name: `${node.name}-cloudinit.iso`,
    pool: pool.name,
    ...renderCloudInit(lab, node, publicKeyBlob(lab)),
  })
  return { cloudinit: disk.id }
}

function addDisks(stack: TerraformStack, node: LabNode, { pool, root }: ImagePool): Volume[] {
  const size = (gib: number) => gib * 2 ** 30
  const name = (kind: string) => `${node.name}-${kind}.qcow2`
  const disk = new Volume(stack, `${node.name}_root`, {
    name: name('root'),
    pool: pool.name,
    baseVolumeId: root.id,
    format: 'qcow2',
    size: size(node.diskGiB),
  })
  if (node.volumeDiskGiB === 0) return [disk]
  const volumes = new Volume(stack, `${node.name}_volumes`, {
    name: name('volumes'),
    pool: pool.name,
    format: 'qcow2',
    size: size(node.volumeDiskGiB),
  })
  return [disk, volumes]
}

/**
 * Under emulation there is nothing to protect against, and mitigations cost time. Both processors read the host's
 * counter, so they agree; without being told so, the kernel would read a slow emulated clock, the HPET, by a system
 * call.
 */
const emulatedWords = { mitigations: 'off', tsc: 'reliable' }

/**
 * Two maps, because the provider reads back words without `=` as a separate map: with one map every later deploy would
 * replace the domain.
 */
function kernelCommandLine(lab: Lab, node: LabNode): NonNullable<DomainConfig['cmdline']> {
  return [
    {
      root: '/dev/vda',
      console: 'ttyS0',
      'net.ifnames': '0',
      ...(kindOf(lab).usesKvm ? {} : emulatedWords),
      'duostack.name': node.name,
      'duostack.address': `${node.address}/${lab.networks.management.prefixLength}`,
      'duostack.key': publicKeyBlob(lab),
    },
    { _: 'rw' },
  ]
}

/** The middle word of the lab's public key; before the first prepare there is none, but the stack can still be read. */
function publicKeyBlob(lab: Lab): string {
  const file = join(lab.paths.ssh, 'id_ed25519.pub')
  return (existsSync(file) && readFileSync(file, 'utf8').split(' ')[1]) || 'preview'
}

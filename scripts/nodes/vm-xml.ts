/**
 * The libvirt XML of a virtual machine and its pool, as Terraform's provider makes them of what stacks/node-vm.ts says:
 * for a save that was imported, whose own descriptions nobody could believe.
 */

import { join } from 'node:path'
import type { Lab, LabNode } from '../declaration/lab.ts'
import { consoleLog } from '../libvirt/console-log.ts'
import { domainMark, domainName } from '../libvirt/domain-name.ts'
import { kernelLine } from './vm-kernel.ts'
import { disksOf, poolFiles, poolOf } from './vm-paths.ts'

/** The serial number by which the storage node finds the empty disk for Cinder: device names are not stable. */
export const volumesSerial = 'duostack-volumes'

export const renderPool = (lab: Lab, uuid: string): string => `<pool type='dir'>
  <name>${poolOf(lab).name}</name>
  <uuid>${uuid}</uuid>
  <target>
    <path>${poolOf(lab).path}</path>
  </target>
</pool>
`

/** libvirt adds what it chooses by itself: the emulator, the newest machine of the kind, addresses of devices. */
export function renderMachine(lab: Lab, node: LabNode, uuid: string): string {
  const inPool = (file: string) => join(poolOf(lab).path, file)
  const isEmulated = lab.hypervisor === 'qemu'
  const driver = (type: string) => `<driver name='qemu' type='${type}'${isEmulated ? " cache='unsafe'" : ''}/>`
  const boot = `
    <kernel>${inPool(poolFiles.kernel)}</kernel>
    <initrd>${inPool(poolFiles.initrd)}</initrd>
    <cmdline>${kernelLine(lab, node)}</cmdline>`
  const cloudInit = `
    <disk type='file' device='cdrom'>
      ${driver('raw')}
      <source file='${inPool(poolFiles.cloudInit(node.name))}'/>
      <target dev='hdd' bus='ide'/>
      <serial>cloudinit</serial>
    </disk>`
  const disks = disksOf(node).map(
    ({ kind, file }) => `
    <disk type='file' device='disk'>
      ${driver('qcow2')}
      <source file='${inPool(file)}'/>
      <target dev='${kind === 'root' ? 'vda' : 'vdb'}' bus='virtio'/>${kind === 'root' ? '' : `\n      <serial>${volumesSerial}</serial>`}
    </disk>`,
  )
  const interfaces = (['management', 'provider'] as const).map(
    (network) => `
    <interface type='network'>
      <mac address='${node.macs[network]}'/>
      <source network='${lab.networks[network].name}'/>
      <model type='virtio'/>
    </interface>`,
  )
  return `<domain type='${lab.hypervisor}'>
  <name>${domainName(lab, node.name)}</name>
  <uuid>${uuid}</uuid>
  <description>${domainMark(lab.id)}</description>
  <memory unit='MiB'>${node.memoryMiB}</memory>
  <vcpu placement='static'>${node.vcpus}</vcpu>
  <os>
    <type arch='x86_64' machine='pc'>hvm</type>${lab.stockImage ? '' : boot}
  </os>
  <features>
    <acpi/>
    <apic/>
    <pae/>
  </features>${isEmulated ? '' : "\n  <cpu mode='host-passthrough'/>"}
  <devices>${[...disks, ...(lab.stockImage ? [cloudInit] : []), ...interfaces].join('')}
    <console type='pty'>
      <log file='${consoleLog(lab, node.name)}' append='off'/>
      <target type='serial' port='0'/>
    </console>
    <rng model='virtio'>
      <backend model='random'>/dev/urandom</backend>
    </rng>
  </devices>
</domain>
`
}

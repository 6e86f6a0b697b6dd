/** The libvirt XML of a container node. */

import { createHash } from 'node:crypto'
import { join } from 'node:path'
import type { Lab, LabNode } from '../declaration/lab.ts'
import { domainMark, domainName } from '../libvirt/domain-name.ts'
import { sharedDirectory } from '../services/cinder-shared.ts'

/** Where a container node's own files are: its changes over the image, and the two seen as one. */
export function containerPaths(lab: Pick<Lab, 'paths'>, node: string) {
  const base = join(lab.paths.data, 'nodes', node)
  const inBase = (name: string) => join(base, name)
  return {
    base,
    upper: inBase('upper'),
    work: inBase('work'),
    /** Names of the layers that saves have kept of it, the newest first; absent without one. */
    layers: inBase('layers'),
    root: inBase('root'),
    description: inBase('domain.xml'),
  }
}

/**
 * The folder of the host that all container nodes share, for volumes: what iSCSI is between VMs. Cinder makes them
 * writable for everybody, so the folder around it is root's alone.
 */
export const sharedVolumes = (lab: Pick<Lab, 'paths'>) => join(lab.paths.data, 'volumes', 'shared')

/** Nested guests need tun; mounting images and NBD-like work needs the others. Never /dev/kvm. */
const devices = ['/dev/net/tun', '/dev/fuse', '/dev/loop-control']

/** Root in a container is root on the host (there is no idmap), so capabilities that no service needs are dropped. */
const refusedCapabilities = ['mac_admin', 'sys_boot', 'sys_module', 'sys_time']

/** Nobody reads a container's console: once it is full, systemd blocks forever when it prints that a unit has started. */
const systemdOption = 'systemd.show_status=false'

/**
 * The same for the same lab and node, uuid included, so that defining it again changes the domain instead of clashing
 * with it. `available`: the host's devices that can be given, all of them where it does not matter.
 */
export function renderContainer(lab: Lab, node: LabNode, available: readonly string[] = devices): string {
  const { management, provider } = lab.networks
  return `<domain type='lxc'>
  <name>${domainName(lab, node.name)}</name>
  <uuid>${uuidOf(`${lab.id}/${node.name}`)}</uuid>
  <description>${domainMark(lab.id)}</description>
  <memory unit='MiB'>${node.memoryMiB}</memory>
  <vcpu>${node.vcpus}</vcpu>
  <os>
    <type arch='x86_64'>exe</type>
    <init>/usr/local/sbin/duostack-init</init>
    <initarg>${systemdOption}</initarg>
  </os>
  <features>
    <capabilities policy='allow'>
${lines(
  6,
  refusedCapabilities.map((name) => `<${name} state='off'/>`),
)}
    </capabilities>
  </features>
  <on_poweroff>destroy</on_poweroff>
  <on_reboot>restart</on_reboot>
  <on_crash>destroy</on_crash>
  <devices>
    <filesystem type='mount' accessmode='passthrough'>
      <source dir='${containerPaths(lab, node.name).root}'/>
      <target dir='/'/>
    </filesystem>
    <filesystem type='mount' accessmode='passthrough'>
      <source dir='${sharedVolumes(lab)}'/>
      <target dir='${sharedDirectory}'/>
    </filesystem>
${renderInterface(management.name, node.macs.management, 'eth0')}
${renderInterface(provider.name, node.macs.provider, 'eth1')}
    <console type='pty'/>
${lines(4, available.map(renderDevice))}
  </devices>
</domain>
`
}

/** The devices of `renderContainer` that this host can give. */
export const containerDevices = (exists: (path: string) => boolean) => devices.filter(exists)

function renderInterface(network: string, mac: string, name: string): string {
  return `    <interface type='network'>
      <mac address='${mac}'/>
      <source network='${network}'/>
      <guest dev='${name}'/>
    </interface>`
}

const renderDevice = (path: string) =>
  `<hostdev mode='capabilities' type='misc'><source><char>${path}</char></source></hostdev>`

const lines = (indent: number, texts: readonly string[]) =>
  texts.map((text) => `${' '.repeat(indent)}${text}`).join('\n')

/** A uuid of version 8: made from what is hashed, not random. */
function uuidOf(seed: string): string {
  const hex = createHash('sha256').update(seed).digest('hex')
  return `${hex.slice(0, 8)}-${hex.slice(8, 12)}-8${hex.slice(13, 16)}-a${hex.slice(17, 20)}-${hex.slice(20, 32)}`
}

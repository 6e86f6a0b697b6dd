/** Is this machine fit for the declared lab? Pure: facts in, findings out; nothing is touched before they are empty. */

import type { Declaration } from '../declaration/declaration.ts'
import type { Isolation } from '../declaration/lab.ts'
import type { Finding } from '../errors.ts'
import { checkRanges } from './address-ranges.ts'
import type { HostFacts } from './facts.ts'
import { mayNotConnect } from './libvirtd.ts'
import { checkOwners } from './owners.ts'

export interface Wanted {
  declaration: Declaration
  isolation: Isolation
  /** The lab's id, where it has one. */
  id?: string
  /** Nodes are there already: memory, disk and ports are the lab's own by now. */
  living: boolean
  /** The node image stands in the cache. */
  image: boolean
}

const systems: Record<string, readonly string[]> = { debian: ['12', '13'], ubuntu: ['22.04', '24.04'] }

/** All that is wrong, in the order in which a person would mend it. */
export function checkHost(facts: HostFacts, wanted: Wanted): Finding[] {
  return [
    ...checkSystem(facts),
    ...checkNode(facts),
    ...checkRoot(facts),
    ...checkHypervisor(facts, wanted),
    ...checkLibvirt(facts, wanted),
    ...(wanted.living
      ? []
      : [...checkMemory(facts, wanted), ...checkDisk(facts, wanted), ...checkPorts(facts, wanted)]),
    ...checkRanges(facts, wanted),
    ...checkOwners(facts, wanted),
    ...checkTerraform(facts),
  ]
}

function checkSystem({ system }: HostFacts): Finding[] {
  const findings: Finding[] = []
  const allowed = 'Debian 12 or 13, Ubuntu 22.04 or 24.04, on x86-64'
  if (!systems[system.id]?.includes(system.version)) {
    findings.push({ where: '/etc/os-release', given: system.name || 'unknown system', allowed })
  }
  if (system.architecture !== 'x64') {
    findings.push({ where: 'processor', given: system.architecture, allowed })
  }
  return findings
}

function checkNode({ nodeVersion }: HostFacts): Finding[] {
  const [major = 0, minor = 0] = nodeVersion.split('.').map(Number)
  if ((major === 20 && minor >= 19) || major === 22) return []
  return [
    {
      where: 'Node.js',
      given: nodeVersion,
      allowed: '20.19 or later, or 22 (the CDKTF command line runs on these alone)',
      remedy: 'install Node.js 22, for example from https://nodejs.org',
    },
  ]
}

function checkRoot({ root }: HostFacts): Finding[] {
  if (root) return []
  return [
    {
      where: 'sudo',
      given: 'asks for a password, or this user may not use it',
      allowed: 'sudo without a password, for packages, the network namespace, libvirtd and containers',
      remedy: 'run `sudo -v` just before, or give this user a NOPASSWD rule with `sudo visudo`',
    },
  ]
}

function checkHypervisor({ cpuVirtualization }: HostFacts, { declaration }: Wanted): Finding[] {
  if (declaration.hypervisor !== 'kvm' || cpuVirtualization) return []
  return [
    {
      where: declaration.places.hypervisor,
      given: 'kvm, but this machine shows no hardware virtualization (no vmx or svm in /proc/cpuinfo)',
      allowed: 'lxc (containers, native speed) or qemu (emulated, about 12 times slower)',
      remedy: 'set lab_hypervisor: auto, or turn virtualization on in the firmware or the outer hypervisor',
    },
  ]
}

function checkLibvirt({ libvirt }: HostFacts, { isolation, declaration }: Wanted): Finding[] {
  return isolation === 'none' && !libvirt.connects ? [mayNotConnect(declaration.places.isolation)] : []
}

/** What this machine needs for itself beside the nodes. */
const hostReserveMiB = 768

function checkMemory({ memory }: HostFacts, { declaration }: Wanted): Finding[] {
  const nodes = declaration.nodes.reduce((sum, node) => sum + node.memoryMiB, 0)
  const missing = nodes + hostReserveMiB - memory.availableMiB
  if (missing <= 0) return []
  return [
    {
      where: 'memory',
      given: `${memory.availableMiB} MiB available of ${memory.totalMiB} MiB: ${missing} MiB too little`,
      allowed: `${nodes} MiB for the nodes and ${hostReserveMiB} MiB for this machine`,
      remedy: "end other programs, or lower the nodes' memory in ansible-vars/group_vars/",
    },
  ]
}

/** The image's tree, its disk and what their making needs meanwhile; containers write logs and databases on top. */
const imageMiB = 10 * 1024
const containerMiB = 3 * 1024

function checkDisk({ disks }: HostFacts, { declaration, image }: Wanted): Finding[] {
  const ofNode = (node: Declaration['nodes'][number]) =>
    declaration.hypervisor === 'lxc' ? containerMiB : (node.diskGiB + node.volumeDiskGiB) * 1024
  const needs = {
    data: declaration.nodes.reduce((sum, node) => sum + ofNode(node), 0),
    image: image ? 0 : imageMiB,
    cache: 512,
  }
  return [...new Set(disks.map(({ device }) => device))].flatMap((device) => {
    const here = disks.filter((disk) => disk.device === device)
    const needed = here.reduce((sum, { use }) => sum + needs[use], 0)
    const free = Math.min(...here.map(({ freeMiB }) => freeMiB))
    if (free >= needed) return []
    return [
      {
        where: here.map(({ path }) => path).join(' and '),
        given: `${free} MiB free: ${needed - free} MiB too little`,
        allowed: `${needed} MiB (${here.map(({ use }) => `${use} ${needs[use]}`).join(', ')})`,
        remedy: "free space there, or lower the nodes' disks in ansible-vars/group_vars/",
      },
    ]
  })
}

function checkPorts({ ports }: HostFacts, { declaration }: Wanted): Finding[] {
  return (['dashboard', 'console'] as const)
    .filter((use) => ports.includes(declaration.cloud.ports[use]))
    .map((use) => ({
      where: declaration.places[use],
      given: `port ${declaration.cloud.ports[use]} on 127.0.0.1 is in use by another program`,
      allowed: 'a free port',
      remedy: `find the program: sudo ss -Hltnp sport = :${declaration.cloud.ports[use]}; or declare another port`,
    }))
}

/** Go's oldest release that builds the providers; from 1.21 on it fetches a newer one by itself. */
const oldestGo = [1, 21] as const

function checkTerraform({ terraform }: HostFacts): Finding[] {
  const { program, tooOld, registry, mirror, go } = terraform
  // Where the registry answers, so does the place of OpenTofu's releases.
  const builds = registry
    ? []
    : [...(program ? [] : ['OpenTofu']), ...(mirror ? [] : ['the providers, whose registry cannot be reached'])]
  const [major = 0, minor = 0] = (go ?? '0').split('.').map(Number)
  const fit = major > oldestGo[0] || (major === oldestGo[0] && minor >= oldestGo[1])
  if (builds.length === 0 || fit) return []
  return [
    {
      where: 'Terraform',
      given: `${tooOld.length ? `too old: ${tooOld.join(', ')}; ` : ''}Go is ${go ?? 'missing'}, and must build ${builds.join(' and ')}`,
      allowed: 'Terraform 1.5 or later, or OpenTofu, with their registry in reach; or Go 1.21 or later',
      remedy: 'install Go 1.24 from https://go.dev/dl (Debian 13: sudo apt install golang-go)',
    },
  ]
}

/** Checks of the machine itself: system, processor, permissions, memory, disk, clock, names. */

import type { Declaration } from '../declaration/declaration.ts'
import type { Finding } from '../declaration/errors.ts'
import { kindOf } from '../nodes/kind-of.ts'
import { showGiB } from '../terminal/amounts.ts'
import type { HostFacts } from './facts.ts'
import type { HostCheck, Wanted } from './host-check.ts'
import { nodeInstall } from './node-install.ts'
import { diskCheck } from './preflight-disk.ts'

const systems: Record<string, readonly string[]> = { debian: ['12', '13'], ubuntu: ['22.04', '24.04'] }

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

function checkNode({ nodeVersion, system }: HostFacts): Finding[] {
  const [major = 0, minor = 0] = nodeVersion.split('.').map(Number)
  if ((major === 20 && minor >= 19) || major === 22) return []
  return [
    {
      where: 'Node.js',
      given: nodeVersion,
      allowed: '20.19 or later, or 22 (the CDKTF command line runs only on these)',
      remedy: nodeInstall(system),
    },
  ]
}

function checkRoot({ root }: HostFacts): Finding[] {
  if (root) return []
  return [
    {
      where: 'sudo',
      given: 'needs a password, but there is no terminal to ask for it; or this user may not use sudo',
      allowed: 'root rights, for packages, the network namespace, libvirtd and containers',
      remedy: 'run it in a terminal; or give this user a NOPASSWD rule with `sudo visudo`',
    },
  ]
}

function checkHypervisor({ cpuVirtualization }: HostFacts, { declaration }: Wanted): Finding[] {
  if (!kindOf(declaration).usesKvm || cpuVirtualization) return []
  return [
    {
      where: declaration.places.hypervisor,
      given: 'kvm, but this machine has no hardware virtualization (no vmx or svm in /proc/cpuinfo)',
      allowed: 'lxc (containers, native speed) or qemu (emulated, about 12 times slower)',
      remedy:
        'set lab_hypervisor: auto, or enable virtualization in the firmware, or nested virtualization in the outer hypervisor',
    },
  ]
}

/** What this machine needs for itself beside the nodes. */
export const hostReserveMiB = 768
const memoryOf = ({ nodes }: Declaration) => nodes.reduce((sum, node) => sum + node.memoryMiB, 0)

function checkMemory({ memory }: HostFacts, { declaration, living }: Wanted): Finding[] {
  const nodes = memoryOf(declaration)
  const missing = nodes + hostReserveMiB - memory.availableMiB
  if (living || missing <= 0) return []
  return [
    {
      where: 'memory',
      given: `${memory.availableMiB} MiB available of ${memory.totalMiB} MiB: ${missing} MiB too little`,
      allowed: `${nodes} MiB for the nodes and ${hostReserveMiB} MiB for this machine`,
      remedy: "stop other programs, or lower the nodes' memory in ansible-vars/group_vars/",
    },
  ]
}

/** A clock that far off makes signatures and certificates "not yet valid". */
const clockToleranceSeconds = 600

function checkClock({ clock, sources = [] }: HostFacts): Finding[] {
  const allowed =
    'a clock that is right to within minutes; otherwise packages and certificates are considered not yet valid'
  const remedy = 'sudo timedatectl set-ntp true; or by hand: sudo date -s "YYYY-MM-DD hh:mm:ss"'
  const behind = Math.round((clock.newestFile.getTime() - clock.now.getTime()) / 1000)
  if (behind > clockToleranceSeconds) {
    const given = `${clock.now.toISOString()}, but files of this checkout have times that are ${behind} s later`
    return [{ where: 'clock', given, allowed, remedy }]
  }
  const off = sources.find(({ aheadSeconds = 0 }) => Math.abs(aheadSeconds) > clockToleranceSeconds)
  if (!off) return []
  const ahead = off.aheadSeconds!
  const given = `${Math.abs(ahead)} s ${ahead > 0 ? 'ahead of' : 'behind'} the package source ${off.name}`
  return [{ where: 'clock', given, allowed, remedy }]
}

function seeClock({ clock, sources = [] }: HostFacts): string {
  const [compared] = sources.flatMap(({ name, aheadSeconds }) =>
    aheadSeconds === undefined ? [] : [{ name, aheadSeconds }],
  )
  const now = clock.now
    .toISOString()
    .replace(/\.\d+Z$/, ' UTC')
    .replace('T', ' ')
  return compared
    ? `${now}; it differs from the clock of the package source ${compared.name} by ${Math.abs(compared.aheadSeconds)} s`
    : now
}

function checkNames({ names }: HostFacts, { declaration }: Wanted): Finding[] {
  const findings: Finding[] = []
  if (!names.localhost) {
    findings.push({
      where: '/etc/hosts',
      given: 'localhost is not 127.0.0.1',
      allowed: 'a line: 127.0.0.1 localhost',
      remedy: "echo '127.0.0.1 localhost' | sudo tee -a /etc/hosts",
    })
  }
  if (!names.ownResolves) {
    findings.push({
      where: '/etc/hosts',
      given: `this machine's own name, ${names.own}, does not resolve: every sudo call waits for it`,
      allowed: 'a name that resolves',
      remedy: `echo '127.0.1.1 ${names.own}' | sudo tee -a /etc/hosts`,
    })
  }
  if (declaration.nodes.some(({ name }) => name === names.own)) {
    findings.push({
      where: 'ansible-vars/hosts.yml',
      given: `the node ${names.own} has the same name as this machine: their prompts and logs would look the same`,
      allowed: 'another name for the node',
    })
  }
  return findings
}

export const machineChecks: readonly HostCheck[] = [
  { what: 'system', findings: checkSystem, seen: ({ system }) => `${system.name}, ${system.architecture}` },
  { what: 'Node.js', findings: checkNode, seen: ({ nodeVersion }) => nodeVersion },
  { what: 'root', findings: checkRoot, seen: () => 'available without a password' },
  {
    what: 'processor',
    findings: checkHypervisor,
    seen: ({ processor, cpuVirtualization }) =>
      `${processor}, ${cpuVirtualization ? 'with' : 'no'} hardware virtualization`,
  },
  {
    what: 'memory',
    findings: checkMemory,
    seen: ({ memory }, { declaration, living }) =>
      `${showGiB(memory.availableMiB)} available of ${showGiB(memory.totalMiB)}; ${
        living
          ? 'the nodes already have theirs'
          : `the nodes use up to ${showGiB(memoryOf(declaration))}, and ${showGiB(hostReserveMiB)} are kept for this machine`
      }`,
  },
  diskCheck,
  { what: 'clock', findings: checkClock, seen: seeClock },
  {
    what: 'names',
    findings: checkNames,
    seen: ({ names }) => `this machine's name, ${names.own}, and localhost resolve`,
    advice: true,
  },
]

/** Resolves `auto` on this machine; each result has a reason. */

import type { Hypervisor, Isolation } from '../declaration/lab.ts'
import { probeContainers, probeKvm } from '../nodes/probes.ts'
import type { HostFacts } from './facts.ts'

export interface Choice<T> {
  value: T
  /** Why, in words for the person who reads it. */
  because: string
}

/** `auto`: the system's libvirtd where there is or can be one that this user may use, else the lab brings its own. */
export function resolveIsolation(
  declared: Isolation | 'auto',
  { libvirt, systemd, packages }: Pick<HostFacts, 'libvirt' | 'systemd' | 'packages'>,
): Choice<Isolation> {
  if (declared !== 'auto') return { value: declared, because: 'as configured' }
  if (!libvirt.answers && !systemd) {
    return { value: 'netns', because: 'no libvirtd answers, and there is no systemd to start one' }
  }
  // As offline/install of a bundle leaves a machine, which then has no package sources to install the service from.
  if (!libvirt.answers && packages.has('libvirt-daemon') && !packages.has('libvirt-daemon-system')) {
    return { value: 'netns', because: 'libvirtd is installed here, but not as a service' }
  }
  if (!libvirt.connects) return { value: 'netns', because: "this user is not allowed to use the system's libvirtd" }
  return { value: 'none', because: libvirt.answers ? "this machine's libvirtd answers" : 'systemd can start libvirtd' }
}

/** The probes, apart from what they decide, so that a test can give answers and a machine is never asked needlessly. */
export interface HypervisorProbes {
  kvm(): Promise<boolean>
  containers(): Promise<boolean>
}

/** What the answer depends on. `stock`: the nodes are made of a stock image, which containers cannot be. */
export type HypervisorFacts = Pick<HostFacts, 'cpuVirtualization'> & { stock?: boolean }

/** `auto`: the first that works here of kvm, lxc, qemu. Without the CPU's flag /dev/kvm is not opened at all. */
export async function resolveHypervisor(
  declared: Hypervisor | 'auto',
  facts: HypervisorFacts,
  probes: HypervisorProbes = { kvm: probeKvm, containers: probeContainers },
): Promise<Choice<Hypervisor>> {
  if (declared !== 'auto') return { value: declared, because: 'as configured' }
  if (facts.cpuVirtualization && (await probes.kvm())) return { value: 'kvm', because: 'a probe guest runs with KVM' }
  const noKvm = facts.cpuVirtualization ? 'no guest starts with KVM' : 'the processor has no virtualization'
  if (facts.stock) {
    return { value: 'qemu', because: `${noKvm}, and a stock image cannot be a container: about 12 times slower` }
  }
  if (await probes.containers()) return { value: 'lxc', because: `${noKvm}, containers work` }
  return { value: 'qemu', because: `${noKvm}, and containers do not work here: emulated nodes, about 12 times slower` }
}

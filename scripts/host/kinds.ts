/**
 * Which kind of node and which isolation a lab has or would get here, as far as this is known before anything is
 * installed.
 */

import type { Declaration } from '../declaration/declaration.ts'
import type { Identity } from '../declaration/identity.ts'
import type { Hypervisor, Isolation } from '../declaration/lab.ts'
import { chooseHypervisor } from './cached-probe.ts'
import type { HostFacts } from './facts.ts'
import { type Choice, resolveIsolation } from './hypervisor.ts'

export interface Kinds {
  /** Still `auto` where only what is to be installed can tell. */
  hypervisor: Choice<Hypervisor | 'auto'>
  isolation: Choice<Isolation>
}

const asBuilt = 'as the lab was built'

/** For `up` and for `doctor --host` alike, so that both judge the machine for the same nodes. */
export async function resolveKinds(
  declaration: Declaration,
  identity: Identity | undefined,
  facts: HostFacts,
): Promise<Kinds> {
  if (identity) {
    const { hypervisor, isolation } = identity
    return { hypervisor: { value: hypervisor, because: asBuilt }, isolation: { value: isolation, because: asBuilt } }
  }
  const isolation = resolveIsolation(declaration.isolation, facts)
  const unknown = declaration.hypervisor === 'auto' ? whyUnknown(facts) : undefined
  if (unknown) return { hypervisor: { value: 'auto', because: unknown }, isolation }
  const stock = declaration.stockImage !== undefined
  return { hypervisor: await chooseHypervisor(declaration.hypervisor, { ...facts, stock }), isolation }
}

/** Without its programs or the right to start them, a probe would say that nothing works here. */
function whyUnknown({ root, cpuVirtualization, packages }: HostFacts): string | undefined {
  if (!root) return "the probes need root's rights"
  if (!packages.has('iproute2')) return 'the probes need the package iproute2'
  return cpuVirtualization && !packages.has('qemu-system-x86')
    ? 'kvm if a probe guest runs, once qemu-system-x86 is installed; otherwise lxc'
    : undefined
}

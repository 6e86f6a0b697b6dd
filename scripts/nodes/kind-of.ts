/** Which kind of node a lab has. Everybody asks here, so that nobody else compares hypervisors. */

import type { Hypervisor } from '../declaration/lab.ts'
import { container } from './container.ts'
import type { NodeKind } from './node-kind.ts'
import { machine } from './vm.ts'

const kinds: Readonly<Record<Hypervisor, NodeKind>> = {
  kvm: machine({ usesKvm: true }),
  qemu: machine({ usesKvm: false }),
  lxc: container,
}

/** `auto`, where it cannot be decided yet: as emulated, which works on every machine. */
export const kindOf = ({ hypervisor }: { hypervisor: Hypervisor | 'auto' }): NodeKind =>
  kinds[hypervisor === 'auto' ? 'qemu' : hypervisor]

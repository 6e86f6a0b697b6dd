/** Checks that lab_node_image and the kind of node fit together. */

import type { Checked } from './check.ts'
import type { Finding } from './errors.ts'

/** The error for containers with a stock image. `where` and `given` say what asks for both. */
export function containersOfStock(where: string, given: string): Finding {
  return {
    where,
    given: `${given}, but lab_node_image is set, which is a disk image`,
    allowed:
      'kvm, qemu or auto: a container has no disk, boot loader or cloud-init, so it cannot start from a disk image',
    remedy: "remove lab_node_image: containers use the lab's own node image",
  }
}

/** Checks the value in the file; `--hypervisor` is checked before a lab is built. */
export function checkNodeImage(all: Checked<unknown>): Finding[] {
  const hypervisor = all.field<string>('lab_hypervisor')
  const declared = all.keys('lab_node_image')?.length
  return declared && hypervisor?.value === 'lxc' ? [containersOfStock(hypervisor.where, hypervisor.given)] : []
}

/** Whether nodes here can have what they need for self-service networks. */

import type { Declaration } from '../declaration/declaration.ts'
import type { Finding } from '../declaration/errors.ts'
import { type Hypervisor, isSelfService } from '../declaration/lab.ts'
import { kindOf } from '../nodes/kind-of.ts'

/** `hypervisor`: the resolved kind. */
export async function checkOverlay(
  declaration: Pick<Declaration, 'networking' | 'places'>,
  hypervisor: Hypervisor | 'auto',
  hasVxlan = (kind: Hypervisor) => kindOf({ hypervisor: kind }).hasVxlan(),
): Promise<Finding[]> {
  if (!isSelfService(declaration) || hypervisor === 'auto' || (await hasVxlan(hypervisor))) return []
  return [
    {
      where: declaration.places.networking,
      given: "self-service, and this machine's kernel does not support VXLAN in containers",
      allowed: 'a kernel with the module vxlan',
      remedy: 'sudo modprobe vxlan && ./lab up, or declare lab_hypervisor: qemu, or lab_networking: provider',
    },
  ]
}

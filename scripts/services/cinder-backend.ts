/** Where volumes are kept: LVM over iSCSI on VMs, a shared directory in containers. */

import type { Lab } from '../declaration/lab.ts'
import { lvmBackend } from './cinder-lvm.ts'
import { sharedBackend } from './cinder-shared.ts'
import type { Backend } from './cinder-storage.ts'

/** Device-mapper and iSCSI initiator belong to the kernel, and a container uses its host's kernel. */
export function backendOf(lab: Lab): Backend {
  return lab.capabilities.lvm && lab.hypervisor !== 'lxc' ? lvmBackend(lab) : sharedBackend(lab)
}

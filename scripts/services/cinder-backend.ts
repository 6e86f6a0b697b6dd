/** Where volumes are kept: LVM over iSCSI on VMs, a shared directory in containers. */

import type { Lab } from '../declaration/lab.ts'
import { type CinderNode, lvmBackend } from './cinder-lvm.ts'
import { sharedBackend } from './cinder-shared.ts'

export interface Backend {
  /** Of the section in cinder.conf, the backend and the volume type. */
  name: string
  options: Readonly<Record<string, string | number | boolean>>
  /** What nodes need beside Cinder itself: those that keep volumes, and those that attach them. */
  storage: CinderNode
  compute: CinderNode
}

/** Device-mapper and an iSCSI initiator are the kernel's, and a container's kernel is its host's. */
export function backendOf(lab: Lab): Backend {
  return lab.capabilities.lvm && lab.hypervisor !== 'lxc' ? lvmBackend(lab) : sharedBackend(lab)
}

/** Where volumes are kept: LVM over iSCSI on VMs, a shared directory in containers. */

import type { Lab, Role } from '../declaration/lab.ts'
import type { ConfigFile } from '../engine/service.ts'
import { type CinderNode, lvmBackend } from './cinder-lvm.ts'
import { sharedBackend } from './cinder-shared.ts'

export interface Backend {
  /** Of the section in cinder.conf, the backend and the volume type. */
  name: string
  options: Readonly<Record<string, string | number | boolean>>
  /** What nodes need beside Cinder itself: those that keep volumes, and those of a role that attach them. */
  storage: CinderNode
  attaching: (role: Role) => CinderNode
  /** By which cinder-backup saves volumes of this backend, and what it is made of. */
  backup: { driver: string; files: readonly ConfigFile[] }
}

/** Device-mapper and an iSCSI initiator are the kernel's, and a container's kernel is its host's. */
export function backendOf(lab: Lab): Backend {
  return lab.capabilities.lvm && lab.hypervisor !== 'lxc' ? lvmBackend(lab) : sharedBackend(lab)
}

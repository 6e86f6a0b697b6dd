/** What a place for volumes is to the rest of Cinder. */

import type { Role } from '../declaration/lab.ts'
import type { ConfigFile, Part } from '../engine/service.ts'

/** The pieces of a Part that a backend adds. */
type CinderNode = Omit<Part, 'on'>

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

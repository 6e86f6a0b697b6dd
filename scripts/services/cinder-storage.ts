/** What the rest of Cinder needs to know of a storage backend. */

import type { Role } from '../declaration/lab.ts'
import type { ConfigFile, Part } from '../engine/service.ts'

/** The pieces of a Part that a backend adds. */
type CinderNode = Omit<Part, 'on'>

export interface Backend {
  /** The name of the section in cinder.conf, the backend and the volume type. */
  name: string
  options: Readonly<Record<string, string | number | boolean>>
  /** What nodes need in addition to Cinder itself: nodes that store volumes, and nodes with a role that attach them. */
  storage: CinderNode
  attaching: (role: Role) => CinderNode
  /** The driver with which cinder-backup saves volumes of this backend, and the driver's files. */
  backup: { driver: string; files: readonly ConfigFile[] }
}

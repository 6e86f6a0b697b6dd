/** The paths on this machine that belong to one lab. Each contains the lab id, so that removal by id finds it. */

import { existsSync } from 'node:fs'
import { dirname, join } from 'node:path'
import type { Lab } from '../declaration/lab.ts'

type LabOf<Key extends keyof Lab> = Pick<Lab, Key>

/** The file of the lab's network namespace; it exists only if isolation is netns and the namespace exists. */
export const netnsPath = (lab: LabOf<'id'>) => `/run/netns/duostack-${lab.id}`

/** The private libvirtd's folders; each is mounted over its usual place in the daemon's own mount namespace. */
export function libvirtdPaths(lab: { paths: Pick<Lab['paths'], 'data'> }) {
  const base = join(lab.paths.data, 'libvirt')
  return {
    base,
    run: join(base, 'run'),
    etc: join(base, 'etc'),
    lib: join(base, 'lib'),
    log: join(base, 'log'),
    /** Here so that the daemon's command line carries the lab id. */
    pidFile: join(base, 'run', 'libvirtd.pid'),
    socket: join(base, 'run', 'libvirt-sock'),
  }
}

/** What `./lab save` keeps of a lab, beside the lab's own folder: `down` leaves it. */
export function savesPaths(lab: { id: string; paths: Pick<Lab['paths'], 'data'> }) {
  const base = join(dirname(lab.paths.data), 'saves', lab.id)
  const saves = join(base, 'saves')
  return { base, saves, of: (name: string) => join(saves, name), layers: join(base, 'layers') }
}

/** Every place where the ssh masters' sockets of this lab may be: the short paths that a Unix socket needs. */
export function controlFolders(lab: LabOf<'id'>): string[] {
  const uid = process.getuid?.() ?? 0
  return [...new Set([process.env['XDG_RUNTIME_DIR'], `/run/user/${uid}`, '/tmp'])]
    .filter((parent) => parent?.startsWith('/') && existsSync(parent))
    .map((parent) => join(parent!, `duostack-${lab.id}`))
}

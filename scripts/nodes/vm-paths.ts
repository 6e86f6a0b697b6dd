/** Where saves and restores keep what they need of a virtual machine, beside its disks in the lab's pool. */

import { join } from 'node:path'
import type { Lab, LabHandle } from '../declaration/lab.ts'
import { libvirtdPaths } from '../run/paths.ts'

/** A node's disks in the pool: `NODE-root.qcow2`, `NODE-volumes.qcow2`. */
export const diskKinds = ['root', 'volumes'] as const

export function machinePaths(lab: { paths: Pick<Lab['paths'], 'data'> }, node: string) {
  const base = join(lab.paths.data, 'nodes', node)
  return {
    base,
    /** The read-only disks of saves that its own disks lie on, the newest first. */
    layers: join(base, 'layers'),
    /** While it waits for the start after a restore: what its domain is defined from. */
    description: join(base, 'domain.xml'),
    /** Until its next start: the name of the memory with which it continues. */
    memory: join(base, 'memory'),
  }
}

export const poolDescription = (lab: { paths: Pick<Lab['paths'], 'data'> }) => join(lab.paths.data, 'nodes/pool.xml')

/** From a file here, `NAME.save`, libvirt continues a domain when it starts it; it then removes the file. */
export const savedStates = (lab: Pick<LabHandle, 'isolation' | 'paths'>) =>
  join(lab.isolation === 'netns' ? libvirtdPaths(lab).lib : '/var/lib/libvirt', 'qemu/save')

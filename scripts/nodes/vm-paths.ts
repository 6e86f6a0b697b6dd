/** Where saves and restores keep what they need of a virtual machine, beside its disks in the lab's pool. */

import { join } from 'node:path'
import type { Lab, LabHandle, LabNode } from '../declaration/lab.ts'
import { libvirtdPaths } from '../run/paths.ts'
import { gibibyte } from '../terminal/amounts.ts'

/** A node's disks in the pool: `NODE-root.qcow2`, `NODE-volumes.qcow2`. */
export const diskKinds = ['root', 'volumes'] as const
export type DiskKind = (typeof diskKinds)[number]

/** libvirt's pool of the lab: what its machines are made of, and their disks. */
export const poolOf = ({ name, paths }: { name: string; paths: Pick<Lab['paths'], 'data'> }) => ({
  name: `${name}-pool`,
  path: join(paths.data, 'pool'),
})

/** The files of the pool. */
export const poolFiles = {
  image: 'root.qcow2',
  /** Absent where nodes are made of a stock image, which has a boot loader. */
  kernel: 'vmlinuz',
  initrd: 'initrd',
  disk: (node: string, kind: DiskKind) => `${node}-${kind}.qcow2`,
  /** With a stock image: how the machine learns which node it is. */
  cloudInit: (node: string) => `${node}-cloudinit.iso`,
}

/** Those that no node writes to. */
export const unwrittenFiles = ({ stockImage, nodes }: Pick<Lab, 'stockImage' | 'nodes'>): string[] => [
  poolFiles.image,
  ...(stockImage ? nodes.map(({ name }) => poolFiles.cloudInit(name)) : [poolFiles.kernel, poolFiles.initrd]),
]

/** The disks of a node, in its own order, and their sizes. */
export const disksOf = ({ name, diskGiB, volumeDiskGiB }: LabNode) =>
  [{ kind: 'root', gib: diskGiB } as const, { kind: 'volumes', gib: volumeDiskGiB } as const]
    .filter(({ gib }) => gib > 0)
    .map(({ kind, gib }) => ({ kind, file: poolFiles.disk(name, kind), bytes: gib * gibibyte }))

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

/**
 * The node image: one tree for all roles and both kinds of node, and for VMs a disk, kernel and initrd made from it.
 */

import { existsSync } from 'node:fs'
import { basename, join } from 'node:path'
import { LabError } from '../declaration/errors.ts'
import type { Progress } from '../run/progress.ts'
import { hasTree } from './closed-tree.ts'
import { buildAsRoot } from './privileged-build.ts'
import { nodeImageDigest } from './recipe.ts'

/** A lab keeps the image that it was made of; one of another recipe cannot be made from this checkout. */
function refuseForeignImage(image: string): void {
  if (basename(image) === nodeImageDigest()) return
  throw new LabError([
    {
      where: image,
      given: "this lab's node image is gone, and this checkout would build a different one",
      allowed: 'the image that the lab was built from, or a new lab',
      remedy: './lab down && ./lab up',
    },
  ])
}

/**
 * Makes sure that the node image is in the cache: its tree for containers; where VMs boot it also `root.qcow2`, `vmlinuz`
 * and `initrd`. Nothing is done where it is there. The first time takes minutes and needs the Debian mirror of this host.
 */
export async function ensureNodeImage(
  paths: { image: string },
  shape: 'tree' | 'disk',
  progress: Progress,
): Promise<void> {
  if (!hasTree(paths.image)) {
    refuseForeignImage(paths.image)
    await progress.step('node image', (note) => buildAsRoot('tree', paths.image, note))
  }
  if (shape === 'disk' && !existsSync(join(paths.image, 'root.qcow2'))) {
    await progress.step('disk of the node image', (note) => buildAsRoot('disk', paths.image, note))
  }
}

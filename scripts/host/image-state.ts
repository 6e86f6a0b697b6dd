/** Which of the images that a lab needs stand in the cache. */

import { existsSync } from 'node:fs'
import { join } from 'node:path'
import type { Hypervisor } from '../declaration/lab.ts'
import { nodeImageDigest } from '../image/recipe.ts'
import { testImageUpToDate } from '../image/test-recipe.ts'

export interface ImageState {
  tree: boolean
  /** What virtual machines boot from; containers need none. */
  disk: boolean
  test: boolean
}

/** `image`: the folder of a living lab's; default that of this checkout's recipe. */
export function readImageState(
  hypervisor: Hypervisor,
  image = join('/var/cache/duostack/images', nodeImageDigest()),
): ImageState {
  return {
    tree: existsSync(join(image, 'root')),
    disk: hypervisor === 'lxc' || existsSync(join(image, 'root.qcow2')),
    test: testImageUpToDate(image),
  }
}

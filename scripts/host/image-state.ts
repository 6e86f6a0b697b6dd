/** Which of the images that a lab needs are in the cache. */

import { existsSync } from 'node:fs'
import { join } from 'node:path'
import type { Lab } from '../declaration/lab.ts'
import { hasTree } from '../image/closed-tree.ts'
import { nodeImageDigest } from '../image/recipe.ts'
import { stockImageFile } from '../image/stock-image.ts'
import { testImageUpToDate } from '../image/test-recipe.ts'
import { kindOf } from '../nodes/kind-of.ts'

export interface ImageState {
  tree: boolean
  /** What virtual machines boot from; containers need none. */
  disk: boolean
  test: boolean
  /** The stock image that is declared and is still to be fetched and checked; absent if there is nothing to do. */
  stock?: string
}

/** `image`: the folder of an existing lab's; default that of this checkout's recipe. */
export function readImageState(
  { hypervisor, stockImage }: Pick<Lab, 'hypervisor' | 'stockImage'>,
  image = join('/var/cache/duostack/images', nodeImageDigest()),
): ImageState {
  return {
    tree: hasTree(image),
    disk: kindOf({ hypervisor }).image === 'tree' || stockImage !== undefined || existsSync(join(image, 'root.qcow2')),
    test: testImageUpToDate(image),
    ...(stockImage && !existsSync(stockImageFile(stockImage)) ? { stock: stockImage.source } : {}),
  }
}

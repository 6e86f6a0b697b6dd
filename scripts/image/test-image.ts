/** The test instance's image: a kernel, busybox, ssh and curl, small enough to boot on an emulated processor. */

import type { Progress } from '../run/progress.ts'
import { buildAsRoot } from './privileged-build.ts'
import { testImageUpToDate } from './test-recipe.ts'

/**
 * Makes sure that the test instance's image is in the cache. Its parts come from the node image's tree, which must be
 * there (ensureNodeImage). Nothing is done where it is up to date; else it takes seconds.
 */
export async function ensureTestImage(paths: { image: string; testImage: string }, progress: Progress): Promise<void> {
  if (testImageUpToDate(paths.image)) return
  await progress.step('image of the test instance', (note) => buildAsRoot('test', paths.image, note))
}

/** The tree from which Tempest, OpenStack's own test suite, runs: in the cache, beside those of the nodes. */

import { renameSync } from 'node:fs'
import { basename, dirname, join } from 'node:path'
import type { Progress } from '../run/progress.ts'
import { shellQuote } from '../terminal/shell-quote.ts'
import { closedTree, finishTree, hasTree } from './closed-tree.ts'
import { forgetOldPackages, installTree } from './install-tree.ts'
import type { Note } from './mmdebstrap-notes.ts'
import { buildAsRoot } from './privileged-build.ts'
import { imageFolder, recipeDigest } from './recipe.ts'

/** Tempest 33, which belongs to this release of OpenStack and asks the instances by ping. */
const packages = ['iputils-ping', 'python3-tempest']

const leftOut = ['doc', 'help', 'info', 'lintian', 'locale', 'man'].map((name) => `/usr/share/${name}/*`)

const listTests = join(imageFolder, 'list-tests.sh')

/** `/var/cache/duostack/tempest/<digest of the recipe>`: the tree, closed to all but root, and what is beside it. */
const folder = () => join('/var/cache/duostack/tempest', recipeDigest(packages, leftOut, [listTests]))

export interface TempestTree {
  /** For root. */
  root: string
  /** File with the full name of every test, one a line. */
  tests: string
  /** dpkg's list of what is installed there. */
  packages: string
}

const tempestTree = (image = folder()): TempestTree => ({
  root: closedTree(image),
  tests: join(image, 'tests'),
  packages: join(image, 'packages'),
})

/** Makes sure that the tree is in the cache: the first time a minute or two, with the Debian mirror of this host. */
export async function ensureTempestTree(progress: Progress): Promise<TempestTree> {
  const image = folder()
  if (!hasTree(image)) await progress.step('tree of Tempest', (note) => buildAsRoot('tempest', image, note))
  return tempestTree(image)
}

/** Builds it; it appears under its name only when it is complete. */
export async function buildTempestTree(image: string, note: Note): Promise<void> {
  const partial = join(dirname(image), `.${basename(image)}.partial`)
  const { tests } = tempestTree(partial)
  const hooks = { early: [], late: [`chroot "$1" sh -s < ${shellQuote(listTests)} > ${shellQuote(tests)}`] }
  await installTree(partial, { packages, leftOut, hooks }, note)
  await forgetOldPackages()
  await finishTree(partial)
  renameSync(partial, image)
}

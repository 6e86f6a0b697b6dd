/** The part of building an image that needs root: `build.ts tree|disk|test|tempest <image folder>`, run under the lock. */

import { existsSync, readdirSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { inspect } from 'node:util'
import { expectedError } from '../declaration/errors.ts'
import { runOnHost } from '../run/process.ts'
import { print, tell } from '../terminal/print.ts'
import { hasTree } from './closed-tree.ts'
import { buildDisk } from './disk.ts'
import type { Note } from './mmdebstrap-notes.ts'
import { buildTempestTree } from './tempest-tree.ts'
import { buildTestImage } from './test-disk.ts'
import { testImageUpToDate } from './test-recipe.ts'
import { buildTree } from './tree.ts'

/** A build that was killed leaves a folder that counts for nothing. We hold the lock: none of them is in use. */
async function removeLeftovers(images: string): Promise<void> {
  for (const name of readdirSync(images).filter((entry) => /^\..*\.partial$/.test(entry))) {
    await runOnHost('rm', ['-rf', '--one-file-system', join(images, name)], {
      step: 'image: remains of a killed build',
    })
  }
}

const products = {
  tree: { done: hasTree, build: buildTree },
  disk: { done: (image: string) => existsSync(join(image, 'root.qcow2')), build: buildDisk },
  test: { done: testImageUpToDate, build: buildTestImage },
  tempest: { done: hasTree, build: buildTempestTree },
}

type Product = keyof typeof products

const isProduct = (word = ''): word is Product => Object.hasOwn(products, word)

async function build(product: string | undefined, image: string | undefined): Promise<void> {
  if (!image || !isProduct(product)) {
    throw new Error(`usage: build.ts ${Object.keys(products).join('|')} <image folder>`)
  }
  // As a plain user's root shell may have it: without the folders that hold mke2fs and chroot.
  process.env['PATH'] = `${process.env['PATH']}:/usr/local/sbin:/usr/sbin:/sbin`
  process.umask(0o022)
  await removeLeftovers(dirname(image))
  // Another build may have made it while this one waited for the lock.
  if (products[product].done(image)) return
  const note: Note = (detail) => print(`note: ${detail}`)
  await products[product].build(image, note)
}

try {
  await build(process.argv[2], process.argv[3])
} catch (error) {
  tell(expectedError(error)?.message ?? inspect(error))
  process.exitCode = 1
}

/** Builds the node image's tree. Runs as root, in its own mount namespace (build.ts). */

import { renameSync } from 'node:fs'
import { basename, dirname, join } from 'node:path'
import { ownProgram } from '../run/own-program.ts'
import { runOnHost } from '../run/process.ts'
import { shellQuote } from '../terminal/shell-quote.ts'
import { finishTree } from './closed-tree.ts'
import { forgetOldPackages, installTree } from './install-tree.ts'
import type { Note } from './mmdebstrap-notes.ts'
import { imageFolder, leftOut, nodePackages, overlayFolder, treeScripts } from './recipe.ts'

function hooks() {
  const [begin = '', finish = ''] = treeScripts.map(shellQuote)
  const copy = `tar -C ${shellQuote(overlayFolder)} --owner=0 --group=0 --mode=u=rwX,go=rX -c . | tar -C "$1" -x`
  return { early: [`chroot "$1" sh -s < ${begin}`], late: [copy, `chroot "$1" sh -s < ${finish}`] }
}

/** Builds the tree of `image`; it appears under that name only when it is complete. */
export async function buildTree(image: string, note: Note): Promise<void> {
  const partial = join(dirname(image), `.${basename(image)}.partial`)
  const tree = await installTree(partial, { packages: nodePackages, leftOut, hooks: hooks() }, note)
  note('databases')
  const schemas = ownProgram(join(imageFolder, '../services/image-schemas.ts'), tree)
  await runOnHost('unshare', ['--net', '--mount', ...schemas], { step: 'image: databases of the services' })
  await forgetOldPackages()
  await finishTree(partial)
  renameSync(partial, image)
}

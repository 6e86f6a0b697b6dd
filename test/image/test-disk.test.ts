/** The files of a small real tree with its own `cp` and a symbolic link. */

import { cpSync, mkdirSync, readFileSync, statSync, symlinkSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { execa } from 'execa'
import { expect, test } from 'vitest'
import { copyFromTree } from '../../scripts/image/test-disk.ts'
import { isRoot } from '../../scripts/run/process.ts'
import { temporaryFolder } from '../fixtures/folder.ts'

test.skipIf(!isRoot)('the target of a link in the tree is taken from the tree, not from this machine', async () => {
  const base = temporaryFolder()
  const tree = join(base, 'tree')
  const workshop = { tree, folder: join(tree, 'mnt') }
  const target = join(workshop.folder, 'root.d')
  mkdirSync(target, { recursive: true })
  const { stdout } = await execa('ldd', ['/usr/bin/cp'])
  for (const path of ['/usr/bin/cp', ...(stdout.match(/\/\S+(?= \(0x)/g) ?? [])])
    cpSync(path, join(tree, path), { dereference: true })
  // As Debian links its loader, which has the same path on this machine.
  const library = join(base, 'library')
  writeFileSync(library, "this machine's")
  mkdirSync(join(tree, dirname(library)), { recursive: true })
  writeFileSync(join(tree, library), "the tree's", { mode: 0o755 })
  mkdirSync(join(tree, 'data'))
  symlinkSync(library, join(tree, 'data/link'))

  await copyFromTree(workshop, ['/data/link', '/data/link'], target)
  const copied = join(target, 'data/link')
  expect([readFileSync(copied, 'utf8'), statSync(copied).mode & 0o777]).toEqual(["the tree's", 0o755])
})

/** Files of a real tree, which has the system's programs and a link of its own. Root's mount namespace holds it. */

import { mkdirSync, readFileSync, statSync, symlinkSync, writeFileSync } from 'node:fs'
import { join, resolve } from 'node:path'
import { execa } from 'execa'
import { expect, test } from 'vitest'
import { isRoot } from '../../scripts/run/process.ts'
import { shellQuote } from '../../scripts/terminal/shell-quote.ts'
import { temporaryFolder } from '../fixtures/folder.ts'

const root = resolve(import.meta.dirname, '../..')

test.skipIf(!isRoot)('what a link of the tree names is taken from the tree, not from this machine', async () => {
  const base = temporaryFolder()
  const workshop = { tree: join(base, 'tree'), folder: join(base, 'workshop') }
  const target = join(workshop.folder, 'root.d')
  for (const folder of ['usr', 'mnt', 'lib64', 'data']) mkdirSync(join(workshop.tree, folder), { recursive: true })
  for (const name of ['bin', 'lib']) symlinkSync(`usr/${name}`, join(workshop.tree, name))
  mkdirSync(target, { recursive: true })
  // As Debian links its loader, whose path is the same on this machine.
  writeFileSync(join(base, 'library'), "this machine's")
  mkdirSync(join(workshop.tree, base), { recursive: true })
  writeFileSync(join(workshop.tree, base, 'library'), "the tree's", { mode: 0o755 })
  symlinkSync(join(base, 'library'), join(workshop.tree, 'data/link'))
  const program = `
const { copyFromTree } = await import('./scripts/image/test-disk.ts')
await copyFromTree(${JSON.stringify(workshop)}, ['/data/link', '/data/link'], ${JSON.stringify(target)})`
  const script = `set -e
mount --bind /usr "$1/usr"
for loader in /lib64/ld-*; do cp -L "$loader" "$1/lib64/"; done
mount --bind "$2" "$1/mnt"
node --import tsx --input-type=module -e ${shellQuote(program)}`
  await execa('unshare', ['--mount', 'bash', '-c', script, 'bash', workshop.tree, workshop.folder], { cwd: root })
  const copied = join(target, 'data/link')
  expect([readFileSync(copied, 'utf8'), statSync(copied).mode & 0o777]).toEqual(["the tree's", 0o755])
})

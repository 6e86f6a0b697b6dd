import {
  chmodSync,
  lstatSync,
  mkdirSync,
  readFileSync,
  readlinkSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs'
import { dirname, join } from 'node:path'
import { execa } from 'execa'
import { describe, expect, test } from 'vitest'
import {
  beginTree,
  closedTree,
  closeTrees,
  finishTree,
  hasTree,
  readPackageStatus,
} from '../../scripts/image/closed-tree.ts'
import { isRoot } from '../../scripts/run/process.ts'
import { temporaryFolder } from '../fixtures/folder.ts'
import { runAsNobody } from '../fixtures/nobody.ts'

const status = 'Package: nova-api\n'

function fill(tree: string): void {
  mkdirSync(join(tree, 'var/lib/dpkg'), { recursive: true })
  mkdirSync(join(tree, 'tmp'))
  chmodSync(join(tree, 'tmp'), 0o1777)
  writeFileSync(join(tree, 'var/lib/dpkg/status'), status)
  writeFileSync(join(tree, 'sudo'), '', { mode: 0o755 })
}

/** A folder that everybody may enter. */
function commonFolder(): string {
  const folder = temporaryFolder()
  chmodSync(folder, 0o755)
  chmodSync(dirname(folder), 0o711)
  return folder
}

/** A cache made by an older checkout: everybody can reach the tree. */
function openCache() {
  const images = commonFolder()
  const image = join(images, '0'.repeat(64))
  fill(join(image, 'root'))
  writeFileSync(join(image, 'root.qcow2'), 'disk')
  return { images, image }
}

const close = (images: string) => execa('bash', ['-euc', closeTrees(images)])

/** What an ordinary user sees of a path. */
const asUser = async (...argv: string[]) =>
  (await execa('setpriv', ['--reuid=65534', '--regid=65534', '--clear-groups', ...argv], { reject: false })).exitCode

describe.skipIf(!isRoot)('the tree of the node image', () => {
  test('of an older checkout is closed to all but root; what users read stays accessible', async () => {
    const { images, image } = openCache()
    expect(await asUser('test', '-x', join(image, 'root/sudo'))).toBe(0)
    await close(images)
    for (const path of ['root/sudo', 'root/tmp', 'tree/root/sudo', 'tree/root/tmp', 'tree'])
      expect([path, await asUser('test', '-x', join(image, path))]).toEqual([path, 1])
    expect(await asUser('touch', join(image, 'tree/root/tmp/planted'))).toBe(1)
    expect(await asUser('cat', join(image, 'packages'))).toBe(0)
    expect(await asUser('cat', join(image, 'root.qcow2'))).toBe(0)
    expect(readFileSync(join(image, 'root/var/lib/dpkg/status'), 'utf8')).toBe(status)
    expect(readPackageStatus(image)).toBe(status)
    expect(hasTree(image)).toBe(true)
  })

  test('loses what somebody has put into its open tmp, and nothing else', async () => {
    const { images, image } = openCache()
    writeFileSync(join(image, 'root/tmp/.planted'), '')
    await close(images)
    await expect(execa('ls', ['-A', join(image, 'root/tmp')])).resolves.toMatchObject({ stdout: '' })
    expect(lstatSync(join(image, 'root/sudo')).isFile()).toBe(true)
  })

  test('that is closed is left as it is, and no lock is taken for it', async () => {
    const { images, image } = openCache()
    await close(images)
    const { ino } = statSync(join(image, 'packages'))
    // Waiting for the lock here would never end.
    const holder = execa('flock', [join(images, 'lock'), 'sleep', '60'], { reject: false })
    try {
      await execa('bash', ['-euc', closeTrees(images)], { timeout: 5000 })
    } finally {
      holder.kill()
    }
    expect(statSync(join(image, 'packages')).ino).toBe(ino)
  })

  test('that was opened again, or only half closed, is closed', async () => {
    const { images, image } = openCache()
    await close(images)
    chmodSync(join(image, 'tree'), 0o755)
    await close(images)
    expect(statSync(join(image, 'tree')).mode & 0o777).toBe(0o700)
    await execa('rm', [join(image, 'root')])
    await close(images)
    expect(readlinkSync(join(image, 'root'))).toBe('tree/root')
  })

  test('that is new is closed from its first file on, but for apt', async () => {
    const images = commonFolder()
    const image = join(images, 'image')
    const tree = await beginTree(image)
    expect(tree).toBe(closedTree(image))
    expect(statSync(dirname(tree)).mode & 0o777).toBe(0o700)
    expect(await asUser('test', '-x', tree)).toBe(1)
    fill(tree)
    await finishTree(image)
    expect(statSync(dirname(tree))).toMatchObject({ uid: 0, gid: 0 })
    expect(await asUser('test', '-x', join(image, 'root/sudo'))).toBe(1)
    expect(await asUser('cat', join(image, 'packages'))).toBe(0)
    const before = statSync(join(image, 'packages')).ino
    await close(images)
    expect(statSync(join(image, 'packages')).ino).toBe(before)
  })
})

test('a folder without a tree is ignored, and an empty cache is left empty', async () => {
  const images = temporaryFolder()
  await close(images)
  expect(await execa('ls', ['-A', images])).toMatchObject({ stdout: '' })
  expect(hasTree(join(images, 'none'))).toBe(false)
  expect(readPackageStatus(join(images, 'none'))).toBeUndefined()
  symlinkSync('tree/root', join(images, 'root'))
  expect(hasTree(images)).toBe(true)
})

test.runIf(isRoot)('a cache that the user may not enter counts as empty, and does not end the command', async () => {
  const closed = temporaryFolder()
  chmodSync(closed, 0o700)
  const program = `const { hasTree } = await import('./scripts/image/closed-tree.ts'); console.log(hasTree(process.argv[1]))`
  expect(await runAsNobody(program, { args: [join(closed, 'image')] })).toBe('false')
})

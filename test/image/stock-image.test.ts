import { createHash } from 'node:crypto'
import { existsSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { execa } from 'execa'
import { describe, expect, test } from 'vitest'
import { LabError } from '../../scripts/declaration/errors.ts'
import { ensureStockImage, stockImageFile } from '../../scripts/image/stock-image.ts'
import { isRoot } from '../../scripts/run/process.ts'
import type { Progress } from '../../scripts/run/progress.ts'
import { temporaryFolder } from '../fixtures/folder.ts'
import { fixtureLab } from '../fixtures/lab.ts'

const progress: Progress = { step: (_, work) => work(() => {}), line: () => {} }
const lab = fixtureLab('kvm')
const hasQemuImg = (await execa('qemu-img', ['--version'], { reject: false })).exitCode === 0

const sumOf = (file: string) => `sha256:${createHash('sha256').update(readFileSync(file)).digest('hex')}`

/** Runs it on a file, into a folder of the test. Returns the path of the kept image, or the refusal. */
async function ensure(source: string, checksum = existsSync(source) ? sumOf(source) : `sha256:${'0'.repeat(64)}`) {
  const target = join(temporaryFolder(), 'kept.qcow2')
  try {
    await ensureStockImage(lab, { source, checksum, packageSources: [] }, progress, target)
    return { target }
  } catch (error) {
    if (!(error instanceof LabError)) throw error
    expect(existsSync(target)).toBe(false)
    return { refused: error.message }
  }
}

/** Enough of a disk to recognize it: the last two bytes of a partition table. */
function rawDisk(): string {
  const file = join(temporaryFolder(), 'disk.raw')
  writeFileSync(file, Buffer.concat([Buffer.alloc(510), Buffer.from([0x55, 0xaa]), Buffer.alloc(512)]))
  return file
}

test('is cached under the checksum that its publisher gives', () => {
  expect(stockImageFile({ checksum: `sha512:${'a'.repeat(128)}` })).toBe(
    `/var/cache/duostack/stock/${'a'.repeat(128)}.qcow2`,
  )
})

describe('an image that the nodes cannot use is refused before it is cached', () => {
  test('a missing file', async () => {
    expect((await ensure('/nowhere/debian.qcow2')).refused).toMatch(/\/nowhere\/debian\.qcow2: no such file/)
  })

  test('a file with a different checksum', async () => {
    const { refused } = await ensure(rawDisk(), `sha256:${'0'.repeat(64)}`)
    expect(refused).toMatch(/sha256 [0-9a-f]{64}\n {4}expected: sha256 0{64}/)
  })

  test('a file that is not a disk image', async () => {
    const file = join(temporaryFolder(), 'page.html')
    writeFileSync(file, '<!DOCTYPE html>')
    expect((await ensure(file)).refused).toMatch(/a web page/)
  })
})

describe.skipIf(!hasQemuImg || !isRoot)('with qemu-img', () => {
  const make = async (...args: string[]) => {
    const file = join(temporaryFolder(), 'disk.qcow2')
    await execa('qemu-img', ['create', '-q', '-f', 'qcow2', ...args.slice(0, -1), file, args.at(-1)!])
    return file
  }

  test('a good one is cached as qcow2, whatever its format was', async () => {
    const { target } = await ensure(rawDisk())
    expect(readFileSync(target!).subarray(0, 4).toString('latin1')).toBe('QFI\xfb')
  })

  test('a cached one is neither read nor downloaded again', async () => {
    const target = join(temporaryFolder(), 'kept.qcow2')
    writeFileSync(target, 'there')
    const stock = { source: '/nowhere', checksum: `sha256:${'0'.repeat(64)}`, packageSources: [] }
    await ensureStockImage(lab, stock, progress, target)
    expect(readFileSync(target, 'utf8')).toBe('there')
  })

  test("one that is larger than a node's disk is refused, naming each such node", async () => {
    const { refused } = await ensure(await make('21G'))
    expect(refused).toMatch(/a disk of 21 GiB, and controller has disk_gib: 20/)
    expect(refused).toMatch(/a disk of 21 GiB, and compute1 has disk_gib: 20/)
  })

  test('an overlay, which would let the nodes read another file of this machine, is refused', async () => {
    const { refused } = await ensure(await make('-b', '/etc/hostname', '-F', 'raw', '1G'))
    expect(refused).toMatch(/a backing file/)
  })
})

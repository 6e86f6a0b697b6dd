import { randomBytes } from 'node:crypto'
import { readFileSync, truncateSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { execa } from 'execa'
import { describe, expect, test } from 'vitest'
import { type DiskFormat, detectDisk, headBytes } from '../../scripts/cloud/disk-format.ts'
import { checkWhole } from '../../scripts/image/whole-disk.ts'
import { temporaryFolder } from '../fixtures/folder.ts'

const hasQemuImg = (await execa('qemu-img', ['--version'], { reject: false })).exitCode === 0
const mebibyte = 2 ** 20

async function make(format: DiskFormat, ...options: string[]): Promise<string> {
  const folder = temporaryFolder()
  const raw = join(folder, 'disk.raw')
  writeFileSync(raw, Buffer.concat([randomBytes(2 * mebibyte), Buffer.alloc(6 * mebibyte)]))
  const file = join(folder, 'disk')
  await execa('qemu-img', ['convert', '-f', 'raw', '-O', format, ...options, raw, file])
  return file
}

/** What `image add` says of it: by its head, else by qemu-img. */
async function look(file: string, format: DiskFormat) {
  const content = readFileSync(file)
  const disk = detectDisk(content.subarray(0, headBytes), content.length, { file })
  return 'given' in disk ? disk : checkWhole(file, format)
}

describe.skipIf(!hasQemuImg)('a disk image', () => {
  const formats: [DiskFormat, ...string[]][] = [
    ['qcow2'],
    ['qcow2', '-c'],
    ['qcow2', '-o', 'compat=0.10'],
    ['vmdk'],
    ['vmdk', '-o', 'subformat=streamOptimized'],
    ['vdi'],
  ]

  test.each(formats)('%s %s %s is whole, and is not where it was cut off', async (format, ...options) => {
    const file = await make(format, ...options)
    const { length } = readFileSync(file)
    expect(await look(file, format)).toBeUndefined()
    for (const rest of [length - 70_000, length / 2, 4096, 80]) {
      truncateSync(file, rest)
      expect(await look(file, format)).toMatchObject({ given: expect.stringMatching(/cut off/) })
    }
  })

  test('with leaked clusters alone is whole: they waste room', async () => {
    const file = await make('qcow2')
    await execa('qemu-io', ['-c', 'discard 0 1M', file], { reject: false })
    expect(await look(file, 'qcow2')).toBeUndefined()
  })

  test('that rests on another is refused, whatever the kind', async () => {
    const base = await make('vmdk')
    const file = join(temporaryFolder(), 'over')
    await execa('qemu-img', ['create', '-q', '-f', 'vmdk', '-b', base, '-F', 'vmdk', file])
    expect(await look(file, 'vmdk')).toMatchObject({ given: expect.stringContaining('rests on another file') })
  })

  test('that is one extent of a split VMDK is refused', async () => {
    const file = await make('vmdk', '-o', 'subformat=twoGbMaxExtentSparse')
    expect(await look(`${file}-s001`, 'vmdk')).toMatchObject({ given: expect.stringContaining('Could not open') })
  })

  test('of bytes that say nothing of themselves is not asked about', async () => {
    expect(await checkWhole('/nowhere', 'raw')).toBeUndefined()
  })
})

import { randomBytes } from 'node:crypto'
import { readFileSync, truncateSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { execa } from 'execa'
import { describe, expect, test } from 'vitest'
import { detectDisk, headBytes, tailBytes } from '../../scripts/cloud/disk-format.ts'
import type { DiskFormat } from '../../scripts/cloud/file-signs.ts'
import { checkWhole } from '../../scripts/image/whole-disk.ts'
import { convertDisk, readDescription } from '../fixtures/disk-image.ts'
import { temporaryFolder } from '../fixtures/folder.ts'

const hasQemuImg = (await execa('qemu-img', ['--version'], { reject: false })).exitCode === 0
const mebibyte = 2 ** 20

/** With a boot sector, and a name without meaning. */
async function make(format: string, ...options: string[]): Promise<string> {
  const folder = temporaryFolder()
  const raw = join(folder, 'disk.raw')
  const content = Buffer.concat([randomBytes(2 * mebibyte), Buffer.alloc(6 * mebibyte)])
  content.writeUInt16LE(0xaa55, 510)
  writeFileSync(raw, content)
  const file = join(folder, 'disk')
  await convertDisk(format, file, '-f', 'raw', ...options, raw)
  return file
}

/** What `image add` says about it: judged by its ends, otherwise by qemu-img. Undefined: it is accepted. */
async function look(file: string, format?: DiskFormat) {
  const content = readFileSync(file)
  const tail = content.subarray(-tailBytes)
  const disk = detectDisk(content.subarray(0, headBytes), content.length, { file, tail })
  if ('given' in disk) return disk
  if (format) expect(disk.format).toBe(format)
  return checkWhole(file, disk.format)
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

  test.each(formats)('%s %s %s is complete, and a truncated copy is detected', async (format, ...options) => {
    const file = await make(format, ...options)
    const { length } = readFileSync(file)
    expect(await look(file, format)).toBeUndefined()
    for (const rest of [length - 70_000, length / 2, 4096, 80]) {
      truncateSync(file, rest)
      expect(await look(file, format)).toMatchObject({ given: expect.stringMatching(/truncated/) })
    }
  })

  test('a VMDK whose random id begins with two zeros is refused, as by Nova: qemu-img leaves bytes behind its text', async () => {
    const file = await make('vmdk')
    const content = readFileSync(file)
    const text = readDescription(file).replace(/^CID=.*/m, 'CID=759f55')
    content.fill(0, 512, 2048).write(`${text}\0\n`, 512, 'latin1')
    writeFileSync(file, content)
    expect(await look(file, 'vmdk')).toMatchObject({ remedy: expect.stringMatching(/qemu-img convert -O qcow2/) })
  })

  test('with only leaked clusters is complete: they just waste space', async () => {
    const file = await make('qcow2')
    await execa('qemu-io', ['-c', 'discard 0 1M', file], { reject: false })
    expect(await look(file, 'qcow2')).toBeUndefined()
  })

  test('with a backing file is refused, whatever the format', async () => {
    const base = await make('vmdk')
    const file = join(temporaryFolder(), 'over')
    await execa('qemu-img', ['create', '-q', '-f', 'vmdk', '-b', base, '-F', 'vmdk', file])
    expect(await look(file, 'vmdk')).toMatchObject({ given: expect.stringContaining('a backing file') })
  })

  test.each<[what: string, format: string, options: string[], given: string]>([
    ['a VHD', 'vpc', [], 'a VHD'],
    ['a VHD of fixed size', 'vpc', ['-o', 'subformat=fixed,force_size'], 'a VHD'],
    ['a VHDX', 'vhdx', [], 'a VHDX'],
    ['a qcow of the first version', 'qcow', [], 'first version'],
    ['a QED', 'qed', [], 'a QED image'],
    ['an image of Parallels', 'parallels', [], 'Parallels'],
    ['a qcow2 with subclusters', 'qcow2', ['-o', 'extended_l2=on'], 'features that Nova does not know'],
    ['a VMDK of two files', 'vmdk', ['-o', 'subformat=monolithicFlat'], 'whose data is in another file'],
    ['a split VMDK', 'vmdk', ['-o', 'subformat=twoGbMaxExtentSparse'], 'whose data is in another file'],
  ])('that is %s is refused, with the command that makes a right one', async (_, ...one) => {
    const [format, options, given] = one
    const file = await make(format, ...options)
    const found = await look(file)
    expect(found).toMatchObject({ given: expect.stringContaining(given) })
    expect(found?.remedy).toMatch(/qemu-img convert -O qcow2 \S+ \S+\.qcow2$/)
    const [from = '', to = ''] = /(\S+) (\S+)$/.exec(found?.remedy ?? '')?.slice(1) ?? []
    const made = join(temporaryFolder(), to)
    await execa('qemu-img', ['convert', '-O', 'qcow2', from, made])
    expect(await look(made, 'qcow2')).toBeUndefined()
  })

  test('that is one extent of a split VMDK is refused, and the VMDK that refers to it is shown', async () => {
    const file = await make('vmdk', '-o', 'subformat=twoGbMaxExtentSparse')
    const found = await look(`${file}-s001`)
    expect(found).toMatchObject({ given: 'one extent of a split VMDK, without a descriptor' })
    expect(found?.remedy).toContain('qemu-img convert -O qcow2 NAME.vmdk')
  })

  test("that is a stream-optimized VMDK as VMware's tools write it is refused", async () => {
    const file = await make('vmdk', '-o', 'subformat=streamOptimized')
    const content = readFileSync(file)
    content.fill(0xff, 56, 64)
    writeFileSync(file, content)
    expect(await look(file)).toMatchObject({ given: expect.stringContaining('stream-optimized') })
  })

  test('without a signature is not checked', async () => {
    expect(await checkWhole('/nowhere', 'raw')).toBeUndefined()
  })
})

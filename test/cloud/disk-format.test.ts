import { describe, expect, test } from 'vitest'
import { detectDisk, headBytes } from '../../scripts/cloud/disk-format.ts'
import type { DiskFormat } from '../../scripts/cloud/file-signs.ts'

const gibibyte = 2 ** 30

/** The beginning of a file that contains these bytes. */
function head(...pieces: [at: number, bytes: string | Buffer][]): Buffer {
  const buffer = Buffer.alloc(headBytes)
  for (const [at, bytes] of pieces) Buffer.from(bytes as string, 'latin1').copy(buffer, at)
  return buffer
}

const be64 = (value: number | bigint) => {
  const buffer = Buffer.alloc(8)
  buffer.writeBigUInt64BE(BigInt(value))
  return buffer
}
const le64 = (value: number) => be64(value).reverse()

const qcow2 = (...pieces: [number, string | Buffer][]) =>
  head([0, 'QFI\xfb\0\0\0\x03'], [24, be64(3 * gibibyte)], ...pieces)

const le32 = (value: number) => {
  const buffer = Buffer.alloc(4)
  buffer.writeUInt32LE(value)
  return buffer
}

const lines = (type: string, extent: string) =>
  ['# Disk DescriptorFile', 'version=1', `createType="${type}"`, '', extent, 'ddb.adapterType = "ide"', ''].join('\n')
const sparse = 'RW 4194304 SPARSE "x.vmdk"'

/** A VMDK of one file; `pieces` corrupt it. */
const vmdk = (text: string, ...pieces: [number, string | Buffer][]) =>
  head(
    [0, 'KDMV'],
    [4, le32(1)],
    [12, le64((2 * gibibyte) / 512)],
    [28, le64(1)],
    [36, le64(20)],
    [512, text],
    ...pieces,
  )
const goodVmdk = (...pieces: [number, string | Buffer][]) => vmdk(lines('monolithicSparse', sparse), ...pieces)

const look = (bytes: Buffer, claimed?: DiskFormat, size = 5_000_000) =>
  detectDisk(bytes, size, { file: 'x.img', ...(claimed ? { claimed } : {}) })

describe('a disk image', () => {
  test.each<[DiskFormat, Buffer, number]>([
    ['qcow2', qcow2(), 3 * gibibyte],
    ['qcow2', head([0, 'QFI\xfb\0\0\0\x02'], [24, be64(gibibyte)]), gibibyte],
    ['vmdk', goodVmdk(), 2 * gibibyte],
    ['vmdk', vmdk(lines('streamOptimized', sparse), [4, le32(3)]), 2 * gibibyte],
    ['vdi', head([0x40, '\x7f\x10\xda\xbe'], [0x170, le64(4 * gibibyte)]), 4 * gibibyte],
    ['iso', head([510, '\x55\xaa'], [0x8001, 'CD001']), 5_000_000],
    ['raw', head([510, '\x55\xaa']), 5_000_000],
    ['raw', head([510, '\x55\xaa'], [512, 'EFI PART']), 5_000_000],
  ])('%s is recognized by its content, with the size that a guest sees', (format, bytes, virtualBytes) => {
    expect(look(bytes)).toEqual({ format, virtualBytes })
  })

  test('that boots from a stick as from a CD is a CD', () => {
    expect(look(head([510, '\x55\xaa'], [0x8001, 'CD001']))).toMatchObject({ format: 'iso' })
  })

  test('may be given as raw if it has no signature, and as nothing else if it has one', () => {
    expect(look(head(), 'raw')).toMatchObject({ format: 'raw' })
    expect(look(qcow2(), 'qcow2')).toMatchObject({ format: 'qcow2' })
    expect(look(qcow2(), 'raw')).toMatchObject({
      given: '--format raw, but the file is qcow2',
      allowed: '--format qcow2, or no --format',
    })
  })
})

describe('not an image', () => {
  test.each<[string, Buffer, string, string]>([
    ['xz', head([0, '\xfd7zXZ\0']), 'packed with xz', 'unpack it: xz -dk x.img'],
    ['gzip', head([0, '\x1f\x8b']), 'packed with gzip', 'unpack it: gzip -dk x.img'],
    ['zip', head([0, 'PK\x03\x04']), 'a zip archive', 'unpack it: unzip x.img'],
    ['a page', head([0, '<!DOCTYPE html>']), 'a web page', 'find the URL of the file itself'],
    ['a descriptor', head([0, '# Disk DescriptorFile']), 'whose data is in another file', 'qemu-img convert'],
    ['a VHD', head([0, 'conectix']), 'a VHD', 'qemu-img convert -O qcow2 x.img'],
    ['a VHDX', head([0, 'vhdxfile']), 'a VHDX', 'qemu-img convert'],
    ['an old qcow', head([0, 'QFI\xfb\0\0\0\x01']), 'of the first version', 'qemu-img convert'],
    ['LUKS', head([0, 'LUKS\xba\xbe']), 'encrypted with LUKS', 'decrypt it'],
    ['sectors of 4096', head([510, '\x55\xaa'], [4096, 'EFI PART']), 'sectors of 4096 bytes', 'virtual machines'],
    ['UDF', head([0x8001, 'BEA01']), 'a UDF image', 'ISO 9660'],
    ['noise', head([0, 'hello']), 'neither a known format', '--format raw'],
    ['an ISO 9660 where Nova does not look', head([0x8801, 'CD001']), 'neither a known format', '--format raw'],
    ['a file system without a boot sector', head([0x438, '\x53\xef']), 'nor a disk with a boot sector', '--format raw'],
  ])('%s is refused with what it is and what to do', (_, bytes, given, remedy) => {
    const found = look(bytes)
    expect(found).toMatchObject({ given: expect.stringContaining(given), allowed: expect.stringContaining('qcow2') })
    expect((found as { remedy: string }).remedy).toContain(remedy)
  })

  test("another program's disk format is not accepted as raw, even if requested", () => {
    expect(look(head([0, 'conectix']), 'raw')).toMatchObject({ given: 'a VHD' })
    const tail = Buffer.alloc(512)
    tail.write('conectix')
    const fixed = { file: 'x.vhd', tail, claimed: 'raw' } as const
    expect(detectDisk(head([510, '\x55\xaa']), 5_000_000, fixed)).toMatchObject({ given: 'a VHD' })
  })

  test('an empty file is not one, and a few bytes are not', () => {
    expect(look(Buffer.alloc(0), undefined, 0)).toMatchObject({ given: 'an empty file' })
    for (const signs of ['QFI\xfb\0\0\0\x02', 'QFI\xfb\0\0\0\x03', 'KDMV', `${'x'.repeat(0x40)}\x7f\x10\xda\xbe`]) {
      const bytes = Buffer.from(signs, 'latin1')
      expect(look(bytes, undefined, bytes.length)).toMatchObject({
        given: expect.stringMatching(/^truncated: \d+ bytes of/),
      })
    }
  })

  test('a header without the rest is not one', () => {
    const cut = qcow2([36, '\0\0\0\x08'], [40, be64(0x30000)])
    expect(look(cut.subarray(0, 80), undefined, 80)).toMatchObject({
      given: 'truncated: 80 bytes of a qcow2 image of at least 104',
      allowed: 'a complete image',
    })
    const end = 0x30000 + 8 * 8
    expect(look(cut, undefined, end - 1)).toMatchObject({
      given: `truncated: ${end - 1} bytes of a qcow2 image of at least ${end}`,
    })
    expect(look(cut, undefined, end)).toMatchObject({ format: 'qcow2' })
    const vdi = head(
      [0x40, '\x7f\x10\xda\xbe'],
      [0x158, '\0\x04'],
      [0x170, le64(gibibyte)],
      [0x178, '\0\0\x10'],
      [0x184, '\x03'],
    )
    expect(look(vdi, undefined, 3 * 2 ** 20)).toMatchObject({ given: expect.stringContaining('at least 3146752') })
    expect(look(vdi, undefined, 3146752)).toMatchObject({ format: 'vdi' })
  })

  test('a disk of size 0 is not one', () => {
    expect(look(goodVmdk([12, le64(0)]))).toMatchObject({ given: 'a vmdk image of an empty disk' })
  })
})

describe('images that Nova rejects, so that a server would end in ERROR', () => {
  test.each<[string, Buffer, string]>([
    ['rests on another', qcow2([8, be64(0x200)]), 'a backing file'],
    ['is encrypted', qcow2([32, '\0\0\0\x02']), 'encrypted'],
    ['keeps its data elsewhere', qcow2([72, be64(4)]), 'whose data is in another file'],
    ['has subclusters', qcow2([72, be64(16)]), 'features that Nova does not know'],
    ['is of version 2, with something behind its head', qcow2([4, '\0\0\0\x02'], [72, be64(64)]), 'features'],
  ])('a qcow2 image that %s', (_, bytes, given) => {
    expect(look(bytes)).toMatchObject({
      given: expect.stringContaining(given),
      remedy: expect.stringContaining('qemu-img convert -O qcow2 x.img'),
    })
  })

  test('an ISO that boots only from a CD', () => {
    expect(look(head([0x8001, 'CD001']))).toMatchObject({
      given: expect.stringContaining('boots only from a CD'),
      remedy: expect.stringContaining('isohybrid'),
    })
  })

  test.each<[string, Buffer, string]>([
    ['has its table at its end', goodVmdk([56, be64(0xffff_ffff_ffff_ffffn)]), 'stream-optimized'],
    ['is an extent of a split one', goodVmdk([28, le64(0)], [36, le64(0)]), 'one extent of a split VMDK'],
    ['is of another version', goodVmdk([4, le32(4)]), 'a VMDK of version 4'],
    ['is of a type with other files', vmdk(lines('monolithicFlat', sparse)), 'of the type monolithicFlat'],
    ['says no type', vmdk(`version=1\n${sparse}\n`), 'of the type none'],
    ['names a path', vmdk(lines('monolithicSparse', 'RW 1 FLAT "/etc/shadow" 0')), 'data is in another file'],
    ['has no extent', vmdk(lines('monolithicSparse', '')), 'data is in another file'],
    ['says what nobody knows', vmdk(lines('monolithicSparse', `${sparse}\nhello world`)), 'does not understand'],
    ['is not plain text', vmdk(lines('monolithicSparse', `${sparse}\n#\xe4`)), 'does not understand'],
  ])('a VMDK that %s', (_, bytes, given) => {
    expect(look(bytes)).toMatchObject({ given: expect.stringContaining(given), remedy: expect.any(String) })
  })
})

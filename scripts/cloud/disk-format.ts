/** What a disk image is, from its own first bytes: names and extensions say too little, and Nova refuses what is wrong. */

import type { Finding } from '../errors.ts'

/** Glance's words. */
export const diskFormats = ['qcow2', 'raw', 'vmdk', 'vdi', 'iso'] as const
export type DiskFormat = (typeof diskFormats)[number]

export interface Disk {
  format: DiskFormat
  /** What a guest sees; Glance's min_disk rests on it. */
  virtualBytes: number
}

/** As much of the file as is looked at. */
export const headBytes = 70 * 1024

/** Bytes at a place. An unknown file has none of them. */
type Sign = readonly [at: number, bytes: string]

const has = (head: Buffer, [at, bytes]: Sign) =>
  head.subarray(at, at + bytes.length).equals(Buffer.from(bytes, 'latin1'))

const formats: Readonly<Record<Exclude<DiskFormat, 'raw'>, readonly Sign[]>> = {
  qcow2: [
    [0, 'QFI\xfb\0\0\0\x02'],
    [0, 'QFI\xfb\0\0\0\x03'],
  ],
  vmdk: [[0, 'KDMV']],
  vdi: [[0x40, '\x7f\x10\xda\xbe']],
  iso: [
    [0x8001, 'CD001'],
    [0x8801, 'CD001'],
    [0x9001, 'CD001'],
  ],
}

/** A partition table or a file system: without one of them bytes could be anything. */
const rawSigns: readonly Sign[] = [
  [510, '\x55\xaa'],
  [512, 'EFI PART'],
  [4096, 'EFI PART'],
  [0x438, '\x53\xef'],
  [0, 'XFSB'],
  [0x10040, '_BHRfS_M'],
  [0, 'hsqs'],
]

/** What people download in place of an image, and what to do with it. */
const others: readonly { what: string; signs: readonly Sign[]; remedy: (file: string) => string }[] = [
  { what: 'packed with xz', signs: [[0, '\xfd7zXZ\0']], remedy: (file) => `unpack it: xz -dk ${file}` },
  { what: 'packed with gzip', signs: [[0, '\x1f\x8b']], remedy: (file) => `unpack it: gzip -dk ${file}` },
  { what: 'packed with zstd', signs: [[0, '\x28\xb5\x2f\xfd']], remedy: (file) => `unpack it: zstd -d ${file}` },
  { what: 'packed with bzip2', signs: [[0, 'BZh']], remedy: (file) => `unpack it: bzip2 -dk ${file}` },
  { what: 'a zip archive', signs: [[0, 'PK\x03\x04']], remedy: (file) => `unpack it: unzip ${file}` },
  { what: 'a tar archive', signs: [[257, 'ustar']], remedy: (file) => `see what is in it: tar -tf ${file}` },
  {
    what: 'the description of a VMDK, whose data is in another file',
    signs: [[0, '# Disk DescriptorFile']],
    remedy: (file) => `make one file of it: qemu-img convert -O qcow2 ${file} NEW.qcow2`,
  },
  {
    what: 'a web page',
    signs: [
      [0, '<!DOCTYPE'],
      [0, '<!doctype'],
      [0, '<html'],
      [0, '<HTML'],
    ],
    remedy: () => 'look for the address of the file itself: a download page often stands before it',
  },
]

/** Sectors of 512 bytes. */
const sector = 512

/** How large the disk is that the file describes. */
const virtualBytes: Readonly<Record<DiskFormat, (head: Buffer, size: number) => number>> = {
  qcow2: (head) => Number(head.readBigUInt64BE(24)),
  vmdk: (head) => Number(head.readBigUInt64LE(12)) * sector,
  vdi: (head) => Number(head.readBigUInt64LE(0x170)),
  raw: (_, size) => size,
  iso: (_, size) => size,
}

const allowed = `a disk image: ${diskFormats.join(', ')}`

/**
 * The format by content. `claimed` is the user's word for bytes that say nothing of themselves; what they do say is
 * believed more. Gives a finding, without a place, where this is no disk that an instance could start from.
 */
export function detectDisk(
  head: Buffer,
  size: number,
  { file, claimed }: { file: string; claimed?: DiskFormat },
): Disk | Omit<Finding, 'where'> {
  if (size === 0) return { given: 'an empty file', allowed }
  const other = others.find(({ signs }) => signs.some((sign) => has(head, sign)))
  if (other) return { given: other.what, allowed, remedy: other.remedy(file) }
  const found = (['qcow2', 'vmdk', 'vdi', 'iso'] as const).find((one) => formats[one].some((sign) => has(head, sign)))
  const format = found ?? (rawSigns.some((sign) => has(head, sign)) || claimed === 'raw' ? 'raw' : undefined)
  if (!format) {
    const remedy = `look at it: file ${file}; where it is a disk without partitions: --format raw`
    return { given: 'neither a known format nor a partition table nor a file system', allowed, remedy }
  }
  if (claimed && claimed !== format && found)
    return { given: `--format ${claimed} for what is ${format}`, allowed: `--format ${format}, or none` }
  const short = checkLength(format, head, size, file)
  if (short) return short
  if (format === 'qcow2') {
    const fault = faultOfQcow2(head)
    if (fault)
      return {
        given: fault,
        allowed: 'an image that is whole by itself',
        remedy: `qemu-img convert -O qcow2 ${file} WHOLE.qcow2`,
      }
  }
  const disk: Disk = { format, virtualBytes: virtualBytes[format](head, size) }
  // A VMDK of this kind names other files, which whoever opens it would read.
  return disk.virtualBytes > 0
    ? disk
    : { given: `a ${format} image of a disk of no bytes, or whose data is in another file`, allowed }
}

/** Bytes of the head itself. */
const headLength: Readonly<Record<DiskFormat, (head: Buffer) => number>> = {
  qcow2: (head) => (head[7] === 3 ? 104 : 72),
  vmdk: () => 512,
  vdi: () => 0x188,
  raw: () => 0,
  iso: () => 0,
}

/** Where what the head speaks of ends: a qcow2's first table, a VDI's last block. qemu-img does not miss the latter. */
const leastLength: Partial<Record<DiskFormat, (head: Buffer) => number>> = {
  qcow2: (head) => Number(head.readBigUInt64BE(40)) + head.readUInt32BE(36) * 8,
  vdi: (head) => head.readUInt32LE(0x158) + head.readUInt32LE(0x178) * head.readUInt32LE(0x184),
}

function checkLength(format: DiskFormat, head: Buffer, size: number, file: string): Omit<Finding, 'where'> | undefined {
  const least = headLength[format](head)
  const end = head.length < least ? least : (leastLength[format]?.(head) ?? 0)
  if (size >= end && head.length >= least) return undefined
  const remedy = `fetch it again; how long it is here: ls -l ${file}`
  return {
    given: `cut off: ${size} bytes of a ${format} image of at least ${end}`,
    allowed: 'an image that is whole',
    remedy,
  }
}

/** Nova and Cinder refuse these: they could be made to read files of the node. */
function faultOfQcow2(head: Buffer): string | undefined {
  if (head.readBigUInt64BE(8) !== 0n) return 'a qcow2 image that rests on another file (its backing file)'
  if (head.readUInt32BE(32) !== 0) return 'an encrypted qcow2 image'
  const features = head.readUInt32BE(4) >= 3 ? head.readBigUInt64BE(72) : 0n
  return (features & 4n) === 0n ? undefined : 'a qcow2 image whose data is in another file'
}

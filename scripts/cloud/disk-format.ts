/**
 * Detects the format of a disk image from its first bytes. File names are not reliable, and Nova rejects images with a
 * wrong format.
 */

import type { Finding } from '../declaration/errors.ts'
import { shellQuote } from '../terminal/shell-quote.ts'
import { bootSector, type DiskFormat, diskFormats, has, type Sign } from './file-signs.ts'
import { refuseForNova } from './nova-refusals.ts'
import { findOther } from './other-files.ts'
import { readQcow2 } from './qcow2.ts'

export interface Disk {
  format: DiskFormat
  /** What a guest sees; Glance's min_disk rests on it. */
  virtualBytes: number
}

/** As much of the file as is looked at: a VMDK's description may be as long. */
export const headBytes = 2 ** 20 + 512
/** And of its end. */
export const tailBytes = 512

/** Nova looks for an ISO 9660 at this one place. */
const formats: Readonly<Record<Exclude<DiskFormat, 'raw'>, readonly Sign[]>> = {
  qcow2: [
    [0, 'QFI\xfb\0\0\0\x02'],
    [0, 'QFI\xfb\0\0\0\x03'],
  ],
  vmdk: [[0, 'KDMV']],
  vdi: [[0x40, '\x7f\x10\xda\xbe']],
  iso: [[0x8001, 'CD001']],
}

/** Sectors of 512 bytes. */
const sector = 512

/** How large the disk is that the file describes. */
const virtualBytes: Readonly<Record<DiskFormat, (head: Buffer, size: number) => number>> = {
  qcow2: (head) => readQcow2(head).virtualBytes,
  vmdk: (head) => Number(head.readBigUInt64LE(12)) * sector,
  vdi: (head) => Number(head.readBigUInt64LE(0x170)),
  raw: (_, size) => size,
  iso: (_, size) => size,
}

const allowed = `a disk image: ${diskFormats.join(', ')}`

/**
 * The format by content. `claimed` is the user's word for bytes that say nothing of themselves; what they do say is
 * believed more. Gives a finding, without a place, where this is no disk that an instance could start from. `tail`: the
 * file's last bytes.
 */
export function detectDisk(
  head: Buffer,
  size: number,
  { file: path, claimed, tail = Buffer.alloc(0) }: { file: string; claimed?: DiskFormat; tail?: Buffer },
): Disk | Omit<Finding, 'where'> {
  if (size === 0) return { given: 'an empty file', allowed }
  const file = shellQuote(path)
  const other = findOther(head, tail)
  if (other) return { given: other.what, allowed, remedy: other.remedy(file) }
  const found = (['qcow2', 'vmdk', 'vdi', 'iso'] as const).find((one) => formats[one].some((sign) => has(head, sign)))
  const format = found ?? (has(head, bootSector) || claimed === 'raw' ? 'raw' : undefined)
  if (!format) {
    const remedy = `check it: file ${file}; if it is a disk that need not be bootable: --format raw`
    return { given: 'neither a known format nor a disk with a boot sector', allowed, remedy }
  }
  if (claimed && claimed !== format && found)
    return { given: `--format ${claimed}, but the file is ${format}`, allowed: `--format ${format}, or no --format` }
  return checkLength(format, head, size, file) ?? judgeDisk(format, head, size, file)
}

function judgeDisk(format: DiskFormat, head: Buffer, size: number, file: string): Disk | Omit<Finding, 'where'> {
  const refusal = refuseForNova(format, head)
  if (refusal) {
    const remedy = `convert it to one that Nova accepts: qemu-img convert -O qcow2 ${file} WHOLE.qcow2`
    return { allowed: 'a self-contained image of a kind that Nova boots', remedy, ...refusal }
  }
  const disk: Disk = { format, virtualBytes: virtualBytes[format](head, size) }
  return disk.virtualBytes > 0 ? disk : { given: `a ${format} image of an empty disk`, allowed }
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
  qcow2: (head) => readQcow2(head).tableEnd,
  vdi: (head) => head.readUInt32LE(0x158) + head.readUInt32LE(0x178) * head.readUInt32LE(0x184),
}

function checkLength(format: DiskFormat, head: Buffer, size: number, file: string): Omit<Finding, 'where'> | undefined {
  const least = headLength[format](head)
  const end = head.length < least ? least : (leastLength[format]?.(head) ?? 0)
  if (size >= end && head.length >= least) return undefined
  const remedy = `download it again; its size here: ls -l ${file}`
  return {
    given: `truncated: ${size} bytes of a ${format} image of at least ${end}`,
    allowed: 'a complete image',
    remedy,
  }
}

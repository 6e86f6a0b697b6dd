/** The lab's test image in every format that `image add` accepts: made by qemu-img, or by hand where it cannot. */

import { readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { crc32 } from 'node:zlib'
import { convertDisk } from '../fixtures/disk-image.ts'

const sector = 512
const block = 2048

/** One GPT partition, placed as in the disk's MBR table, which is kept. */
interface Partition {
  first: number
  last: number
}

function readPartitions(disk: Buffer): Partition[] {
  return [446, 462].map((at) => {
    const first = disk.readUInt32LE(at + 8)
    return { first, last: first + disk.readUInt32LE(at + 12) - 1 }
  })
}

/** A header of the partition table at sector `at`, with its copy at `other`. */
function gptHeader(at: number, other: number, entries: Buffer, entriesAt: number, sectors: number): Buffer {
  const header = Buffer.alloc(sector)
  header.write('EFI PART', 'latin1')
  header.writeUInt32LE(0x10000, 8)
  header.writeUInt32LE(92, 12)
  for (const [index, value] of [at, other, 34, sectors - 34].entries())
    header.writeBigUInt64LE(BigInt(value), 24 + index * 8)
  header.fill(0xd5, 56, 72)
  header.writeBigUInt64LE(BigInt(entriesAt), 72)
  header.writeUInt32LE(128, 80)
  header.writeUInt32LE(128, 84)
  header.writeUInt32LE(crc32(entries), 88)
  header.writeUInt32LE(crc32(header.subarray(0, 92)), 16)
  return header
}

/**
 * With a GPT that the kernel uses. The MBR table of four entries stays, because BIOS boot code reads it; its third
 * entry marks the GPT.
 */
function withGpt(disk: Buffer): Buffer {
  const grown = Buffer.concat([disk, Buffer.alloc(2 ** 20)])
  const sectors = grown.length / sector
  const entries = Buffer.alloc(128 * 128)
  for (const [index, { first, last }] of readPartitions(disk).entries()) {
    const at = index * 128
    // "Linux file system data", in its on-disk form.
    entries.write('af3dc60f838472478e793d69d8477de4', at, 'hex')
    entries.fill(0xd6 + index, at + 16, at + 32)
    entries.writeBigUInt64LE(BigInt(first), at + 32)
    entries.writeBigUInt64LE(BigInt(last), at + 40)
  }
  entries.copy(grown, 2 * sector)
  entries.copy(grown, (sectors - 33) * sector)
  gptHeader(1, sectors - 1, entries, 2, sectors).copy(grown, sector)
  gptHeader(sectors - 1, 1, entries, sectors - 33, sectors).copy(grown, (sectors - 1) * sector)
  grown[478 + 4] = 0xee
  grown.writeUInt32LE(1, 478 + 8)
  grown.writeUInt32LE(33, 478 + 12)
  return grown
}

/** An ISO 9660 without files, in the gap before the first partition: bootable from a disk, like distributions' ISOs. */
function asHybrid(disk: Buffer): Buffer {
  const volume = 16 * block
  const both = (at: number, value: number, bytes: 2 | 4) => {
    disk.writeUIntLE(value, volume + at, bytes)
    disk.writeUIntBE(value, volume + at + bytes, bytes)
  }
  disk.write('\x01CD001\x01', volume, 'latin1')
  disk.write('DUOSTACK-TEST'.padEnd(32), volume + 40)
  both(80, disk.length / block, 4)
  both(120, 1, 2)
  both(124, 1, 2)
  both(128, block, 2)
  disk.write('\xffCD001\x01', volume + block, 'latin1')
  return disk
}

export interface BootableImage {
  name: string
  /** The format's name in Glance. */
  format: string
  make: (source: string, folder: string) => Promise<string>
}

const byQemu =
  (name: string, format: string, ...options: string[]): BootableImage['make'] =>
  async (source, folder) => {
    const file = join(folder, name)
    await convertDisk(format, file, ...options, source)
    return file
  }

const byHand =
  (name: string, change: (disk: Buffer) => Buffer): BootableImage['make'] =>
  async (source, folder) => {
    const file = await byQemu(`${name}.disk`, 'raw')(source, folder)
    await writeFile(file, change(await readFile(file)))
    return file
  }

/** The file names give no hint: the format is detected from the content. */
export const bootableImages: readonly BootableImage[] = [
  { name: 'as-vmdk', format: 'vmdk', make: byQemu('vmdk', 'vmdk') },
  {
    name: 'as-streamed-vmdk',
    format: 'vmdk',
    make: byQemu('streamed', 'vmdk', '-o', 'subformat=streamOptimized'),
  },
  { name: 'as-vdi', format: 'vdi', make: byQemu('vdi', 'vdi') },
  { name: 'as-old-qcow2', format: 'qcow2', make: byQemu('qcow2', 'qcow2', '-c', '-o', 'compat=0.10') },
  { name: 'as-gpt', format: 'raw', make: byHand('gpt', withGpt) },
  { name: 'as-iso', format: 'iso', make: byHand('iso', asHybrid) },
]

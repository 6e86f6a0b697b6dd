/**
 * Files that people often have instead of a bootable image (archives, other formats, download pages), and what to do
 * with each.
 */

import { has, type Sign } from './file-signs.ts'

interface OtherFile {
  what: string
  signs: readonly Sign[]
  remedy: (file: string) => string
}

const convert = (file: string) => `make a qcow2 of it: qemu-img convert -O qcow2 ${file} NEW.qcow2`

/** A VHD says so at its end, and one that grows at its beginning, too: a disk of fixed size is all content before that. */
const vhd: OtherFile = { what: 'a VHD', signs: [[0, 'conectix']], remedy: convert }

/** `qemu-img` knows these, and Nova starts none of them: its own look or that of qemu-img finds another format than Glance names. */
const disks: readonly OtherFile[] = [
  vhd,
  { what: 'a VHDX', signs: [[0, 'vhdxfile']], remedy: convert },
  { what: 'a qcow image of the first version', signs: [[0, 'QFI\xfb\0\0\0\x01']], remedy: convert },
  { what: 'a QED image', signs: [[0, 'QED\0']], remedy: convert },
  { what: 'a VMDK in the oldest format', signs: [[0, 'COWD']], remedy: convert },
  {
    what: 'an image of Parallels',
    signs: [
      [0, 'WithoutFreeSpace'],
      [0, 'WithouFreSpacExt'],
    ],
    remedy: convert,
  },
  { what: 'a Bochs image', signs: [[0, 'Bochs Virtual HD Image']], remedy: convert },
  { what: 'a cloop image', signs: [[0, '#!/bin/sh\n#V2.0 Format']], remedy: convert },
  {
    what: 'encrypted with LUKS',
    signs: [[0, 'LUKS\xba\xbe']],
    remedy: () => 'decrypt it first: qemu-img convert with --object secret,…',
  },
  {
    what: 'a disk of sectors of 4096 bytes, and those of instances have 512',
    signs: [[4096, 'EFI PART']],
    remedy: () => 'use the image for virtual machines',
  },
  {
    what: 'a UDF image',
    signs: [[0x8001, 'BEA01']],
    remedy: () => 'use an ISO 9660 image or a disk image',
  },
  {
    what: 'the description of a VMDK, whose data is in another file',
    signs: [
      [0, '# Disk DescriptorFile'],
      [0, 'version=1'],
    ],
    remedy: (file) => `convert it to one file: qemu-img convert -O qcow2 ${file} NEW.qcow2`,
  },
]

const packed: readonly OtherFile[] = [
  { what: 'packed with xz', signs: [[0, '\xfd7zXZ\0']], remedy: (file) => `unpack it: xz -dk ${file}` },
  { what: 'packed with gzip', signs: [[0, '\x1f\x8b']], remedy: (file) => `unpack it: gzip -dk ${file}` },
  { what: 'packed with zstd', signs: [[0, '\x28\xb5\x2f\xfd']], remedy: (file) => `unpack it: zstd -d ${file}` },
  { what: 'packed with bzip2', signs: [[0, 'BZh']], remedy: (file) => `unpack it: bzip2 -dk ${file}` },
  { what: 'a zip archive', signs: [[0, 'PK\x03\x04']], remedy: (file) => `unpack it: unzip ${file}` },
  { what: 'a tar archive', signs: [[257, 'ustar']], remedy: (file) => `see what is in it: tar -tf ${file}` },
  {
    what: 'a web page',
    signs: [
      [0, '<!DOCTYPE'],
      [0, '<!doctype'],
      [0, '<html'],
      [0, '<HTML'],
    ],
    remedy: () => 'find the URL of the file itself; this is probably a download page',
  },
]

/** `tail`: the file's last sector. Undefined: none of these. */
export function findOther(head: Buffer, tail: Buffer): OtherFile | undefined {
  const found = [...disks, ...packed].find(({ signs }) => signs.some((sign) => has(head, sign)))
  return found ?? (vhd.signs.some((sign) => has(tail, sign)) ? vhd : undefined)
}

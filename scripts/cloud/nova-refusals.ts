/** Images whose format the cloud supports but which Nova rejects, detected from the bytes that Nova checks. */

import { bootSector, type DiskFormat, has } from './file-signs.ts'
import { dataElsewhere, readQcow2 } from './qcow2.ts'

/** What is wrong, and the command that makes a right one of it, where there is one. */
export interface Refusal {
  given: string
  remedy?: string
}

/**
 * The rules are those of nova/image/format_inspector.py and nova/virt/images.py (26.2, Zed): an image that breaks one
 * becomes a server in ERROR. They keep a node from reading its own files for a tenant.
 */
const rules: Readonly<Partial<Record<DiskFormat, (head: Buffer) => Refusal | undefined>>> = {
  qcow2: refuseQcow2,
  vmdk: refuseVmdk,
  iso: refuseIso,
}

export const refuseForNova = (format: DiskFormat, head: Buffer): Refusal | undefined => rules[format]?.(head)

function refuseQcow2(head: Buffer): Refusal | undefined {
  const { hasBacking, isEncrypted, features } = readQcow2(head)
  if (hasBacking) return { given: 'a qcow2 image with a backing file' }
  if (isEncrypted) return { given: 'an encrypted qcow2 image' }
  if ((features & dataElsewhere) !== 0n) return { given: 'a qcow2 image whose data is in another file' }
  return features >> 4n === 0n ? undefined : { given: 'a qcow2 image with features that Nova does not know' }
}

/** By `--image` Nova gives an ISO to an instance as a disk like any other. Those of distributions start from one, too. */
function refuseIso(head: Buffer): Refusal | undefined {
  if (has(head, bootSector)) return undefined
  return {
    given: 'an ISO that boots only from a CD, but Nova attaches it to an instance as a disk',
    remedy: 'make it bootable from a disk too, with isohybrid from the package syslinux-utils',
  }
}

const sector = 512
const tableAtEnd = 0xffff_ffff_ffff_ffffn
const types = ['monolithicSparse', 'streamOptimized']

function refuseVmdk(head: Buffer): Refusal | undefined {
  const version = head.readUInt32LE(4)
  if (version < 1 || version > 3) return { given: `a VMDK of version ${version}` }
  // As VMware's own tools export it. qemu-img writes this kind with the table in front, which Nova takes.
  if (head.readBigUInt64LE(56) === tableAtEnd) return { given: 'a stream-optimized VMDK whose table is at its end' }
  const length = Number(head.readBigUInt64LE(36)) * sector
  const description = head.subarray(sector, sector + length).toString('latin1')
  const text = description.replace(/\0+$/, '')
  if (head.readBigUInt64LE(28) === 1n && text !== '') return refuseDescription(text)
  const remedy = 'convert the small VMDK that refers to it: qemu-img convert -O qcow2 NAME.vmdk NEW.qcow2'
  return { given: 'one extent of a split VMDK, without a descriptor', remedy }
}

/** `RW 436224 SPARSE "disk.vmdk"` */
const extent = /^(rw|rdonly|noaccess) /i
const known = [/^#/, /^ddb/i, /^[^ =]+=/, extent]

function refuseDescription(text: string): Refusal | undefined {
  const lines = text.split('\n').map((line) => line.trim())
  const strange = lines.some((line) => line !== '' && !known.some((pattern) => pattern.test(line)))
  if (strange || /[^\0-\x7f]/.test(text)) return { given: 'a VMDK with a descriptor that Nova does not understand' }
  const extents = lines.filter((line) => extent.test(line))
  if (extents.length === 0 || extents.some((line) => line.includes('/')))
    return { given: 'a VMDK whose data is in another file' }
  const type = /^createType="([^"]*)"/m.exec(text)?.[1]
  if (type !== undefined && types.includes(type)) return undefined
  return { given: `a VMDK of the type ${(type ?? 'none').replaceAll(/[^\w-]/g, '?').slice(0, 40)}` }
}

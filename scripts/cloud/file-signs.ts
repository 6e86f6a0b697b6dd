/** The signatures (bytes at an offset) by which each kind of disk image is recognized. */

/** Glance's words. */
export const diskFormats = ['qcow2', 'raw', 'vmdk', 'vdi', 'iso'] as const
export type DiskFormat = (typeof diskFormats)[number]

/** An unknown file has none of its kind's signs. */
export type Sign = readonly [at: number, bytes: string]

export const has = (head: Buffer, [at, bytes]: Sign) =>
  head.subarray(at, at + bytes.length).equals(Buffer.from(bytes, 'latin1'))

/** What BIOS starts a disk by, also one with a GPT: without it bytes could be anything. */
export const bootSector: Sign = [510, '\x55\xaa']

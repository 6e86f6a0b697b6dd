/** The contents of the test instance's image, and the digest that says whether the cached one is up to date. */

import { existsSync, readFileSync } from 'node:fs'
import { basename, join } from 'node:path'
import { filesBelow, imageFolder, recipeDigest } from './recipe.ts'

/** Programs that come from the node image's tree with their libraries. Busybox is the rest. */
export const instancePrograms = [
  '/bin/busybox',
  // Busybox's wget ends with a segmentation fault when it is given a time limit.
  '/usr/bin/curl',
  '/usr/bin/lsblk',
  '/usr/bin/dropbearkey',
  '/usr/sbin/dropbear',
] as const

/** Drivers of the first file system, and those loaded from it: network, entropy, power button. */
export const initrdModules = ['virtio_pci', 'virtio_blk', 'virtio_scsi', 'sd_mod']
export const rootModules = [...initrdModules, 'virtio_net', 'virtio_rng', 'virtio_balloon', 'button', 'evdev']

export const instanceFolder = join(imageFolder, 'instance')

/** Beside the image: the digest of what it was made of. */
export const digestFile = (image: string) => join(image, 'duostack-test.digest')
export const testImageFile = (image: string) => join(image, 'duostack-test.qcow2')

/** 64 hex digits over everything that makes the test image, its tree included. */
export function testImageDigest(image: string): string {
  const files = [...filesBelow(instanceFolder), join(imageFolder, 'test-disk.ts')]
  return recipeDigest([basename(image), ...instancePrograms], rootModules, files)
}

/** Whether the test image in this folder is there and made by this recipe. */
export function testImageUpToDate(image: string): boolean {
  if (!existsSync(testImageFile(image)) || !existsSync(digestFile(image))) return false
  return readFileSync(digestFile(image), 'utf8').trim() === testImageDigest(image)
}

/** Makes what a VM boots from the node image's tree: kernel, initrd and a sparse disk. Runs as root (build.ts). */

import { copyFileSync, mkdirSync, renameSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import { runOnHost } from '../run/process.ts'
import { closedTree } from './closed-tree.ts'
import { kernelVersion } from './kernel.ts'
import type { Note } from './mmdebstrap-notes.ts'

/** What the initrd needs to find and mount the root disk; all else is loaded by udev from the disk. */
const initrdModules = ['virtio_pci', 'virtio_blk', 'virtio_scsi', 'sd_mod', 'virtio_net', 'virtio_rng', 'ext4']

/** Written outside the tree, which may already be the lower layer of running containers. */
async function makeInitrd(root: string, folder: string): Promise<void> {
  const script = `
    mount -t tmpfs tmpfs "$1/tmp"
    mkdir "$1/tmp/out"
    mount --bind "$2" "$1/tmp/out"
    cp -r "$1/etc/initramfs-tools" "$1/tmp/config"
    sed -i 's/^MODULES=.*/MODULES=list/' "$1/tmp/config/initramfs.conf"
    printf '%s\\n' ${initrdModules.join(' ')} > "$1/tmp/config/modules"
    mount -t proc proc "$1/proc"
    TMPDIR=/tmp chroot "$1" mkinitramfs -d /tmp/config -o /tmp/out/initrd "$3"`
  await runOnHost('unshare', ['--mount', 'sh', '-euc', script, 'sh', root, folder, kernelVersion(root)], {
    step: 'image: initrd',
  })
}

/** Only as large as its content needs: a node's overlay may then be any larger size, and grows at the first boot. */
async function diskSizeMiB(root: string): Promise<number> {
  const { stdout } = await runOnHost('du', ['-smx', root], { step: 'image: size of the tree' })
  return Math.ceil(Number.parseInt(stdout, 10) * 1.2) + 1024
}

/** Makes `<image>/vmlinuz`, `initrd` and `root.qcow2`; the disk appears last, so that where it is, all three are. */
export async function buildDisk(image: string, note: Note): Promise<void> {
  const root = closedTree(image)
  const partial = join(image, '.disk.partial')
  rmSync(partial, { recursive: true, force: true })
  mkdirSync(partial)
  copyFileSync(join(root, 'boot', `vmlinuz-${kernelVersion(root)}`), join(partial, 'vmlinuz'))
  note('initrd')
  await makeInitrd(root, partial)
  note('file system')
  const raw = join(partial, 'root.raw')
  const features = 'nodiscard,lazy_itable_init=1,lazy_journal_init=1'
  const label = 'duostack-root'
  await runOnHost(
    'mke2fs',
    ['-q', '-t', 'ext4', '-L', label, '-m', '1', '-E', features, '-d', root, raw, `${await diskSizeMiB(root)}M`],
    { step: 'image: file system of the disk' },
  )
  note('qcow2')
  await runOnHost('qemu-img', ['convert', '-O', 'qcow2', raw, join(partial, 'root.qcow2')], { step: 'image: qcow2' })
  for (const name of ['vmlinuz', 'initrd', 'root.qcow2']) {
    renameSync(join(partial, name), join(image, name))
  }
  rmSync(partial, { recursive: true })
}

/** Makes the disk of the test instance out of the node image's tree: boot loader, kernel, a small root. Runs as root. */

import { chmodSync, copyFileSync, mkdirSync, renameSync, rmSync, statSync, symlinkSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { runOnHost } from '../run/process.ts'
import { kernelVersion } from './kernel.ts'
import type { Note } from './mmdebstrap-notes.ts'
import {
  digestFile,
  initrdModules,
  instanceFolder,
  instancePrograms,
  rootModules,
  testImageDigest,
  testImageFile,
} from './test-recipe.ts'

const mebibyte = 1024 * 1024
/** Room for what somebody writes there; empty room costs nothing in the image. */
const rootMiB = 192

/** What is made here, seen from the host and from inside the tree, whose own tools do most of the work. */
interface Workshop {
  tree: string
  folder: string
}
const inside = '/mnt'

async function runInTree(workshop: Workshop, step: string, argv: readonly string[]): Promise<string> {
  const { stdout } = await runOnHost('chroot', [workshop.tree, ...argv], { step: `test image: ${step}` })
  return stdout
}

/**
 * Copies files of the tree to the same path below `target`, what they link to rather than the links. In the tree, whose
 * links may be absolute: followed from outside they would lead to this machine's own files, as its C library.
 */
export async function copyFromTree(workshop: Workshop, paths: Iterable<string>, target: string): Promise<void> {
  const place = target.replace(workshop.folder, inside)
  await runInTree(workshop, 'files', ['cp', '-L', '--parents', '--preserve=mode', ...new Set(paths), place])
}

async function copyPrograms(workshop: Workshop, names: readonly string[], target: string): Promise<void> {
  const libraries = await runInTree(workshop, 'libraries', ['ldd', ...names])
  await copyFromTree(workshop, [...names, ...(libraries.match(/\/lib\S+(?= \(0x)/g) ?? [])], target)
  const applets = (await runInTree(workshop, 'busybox', ['busybox', '--list'])).split('\n')
  const taken = new Set(names.map((name) => name.split('/').at(-1)))
  for (const applet of applets.filter((name) => !taken.has(name))) symlinkSync('busybox', join(target, 'bin', applet))
}

/** Modules with everything they need, and modprobe's index of just these. */
async function copyModules(workshop: Workshop, modules: readonly string[], target: string): Promise<void> {
  const version = kernelVersion(workshop.tree)
  const needed = await runInTree(workshop, 'modules', ['modprobe', '-aS', version, '--show-depends', ...modules])
  const folder = `/lib/modules/${version}`
  await copyFromTree(workshop, needed.match(/(?<=^insmod )\S+/gm) ?? [], target)
  await copyFromTree(workshop, [`${folder}/modules.order`, `${folder}/modules.builtin`], target)
  await runInTree(workshop, 'module index', ['depmod', '-b', target.replace(workshop.folder, inside), version])
}

function makeFolders(target: string, names: readonly string[]): void {
  for (const name of names) mkdirSync(join(target, name), { recursive: true })
}

async function copyOwnFiles(source: string, target: string): Promise<void> {
  const script = 'tar -C "$1" --owner=0 --group=0 --mode=u=rwX,go=rX -c . | tar -C "$2" -x'
  await runOnHost('sh', ['-euc', script, 'sh', source, target], { step: 'test image: own files' })
}

async function makeInitrd(workshop: Workshop): Promise<void> {
  const target = join(workshop.folder, 'initrd.d')
  makeFolders(target, ['bin', 'dev', 'proc', 'sys', 'root'])
  await copyPrograms(workshop, ['/bin/busybox'], target)
  await copyModules(workshop, initrdModules, target)
  await copyOwnFiles(join(instanceFolder, 'initrd'), target)
  const pack = 'cd "$1" && find . | busybox cpio -o -H newc 2> /dev/null | gzip -6'
  await runInTree(workshop, 'initrd', ['sh', '-euc', `(${pack}) > ${inside}/initrd`, 'sh', `${inside}/initrd.d`])
}

async function makeRoot(workshop: Workshop): Promise<void> {
  const target = join(workshop.folder, 'root.d')
  makeFolders(target, 'bin dev etc/ssl/certs mnt proc root run sbin sys tmp var/log var/run'.split(' '))
  await copyPrograms(workshop, instancePrograms, target)
  symlinkSync('../bin/busybox', join(target, 'sbin/init'))
  await copyModules(workshop, rootModules, target)
  await copyFromTree(workshop, ['/etc/ssl/certs/ca-certificates.crt'], target)
  await copyOwnFiles(join(instanceFolder, 'root'), target)
  const options = ['-q', '-t', 'ext4', '-L', 'duostack-test', '-J', 'size=4', '-E', 'nodiscard']
  const file = [`${inside}/root.img`, `${rootMiB}M`]
  await runInTree(workshop, 'root file system', ['mke2fs', ...options, '-d', `${inside}/root.d`, ...file])
}

/** The partition that BIOS starts: a FAT file system with syslinux, kernel and initrd. Gives its size. */
async function makeBootPartition(workshop: Workshop): Promise<number> {
  const version = kernelVersion(workshop.tree)
  copyFileSync(join(workshop.tree, `boot/vmlinuz-${version}`), join(workshop.folder, 'vmlinuz'))
  copyFileSync(join(instanceFolder, 'syslinux.cfg'), join(workshop.folder, 'syslinux.cfg'))
  const bytes = ['vmlinuz', 'initrd'].reduce((sum, name) => sum + statSync(join(workshop.folder, name)).size, 0)
  const sizeMiB = Math.ceil(bytes / mebibyte) + 4
  // -h: the partition's first sector, by which syslinux finds itself again.
  const script = `cd ${inside}
    mkfs.vfat -F 16 -h 2048 -C boot.img ${sizeMiB * 1024} > /dev/null
    mcopy -i boot.img vmlinuz initrd syslinux.cfg ::
    syslinux --install boot.img`
  await runInTree(workshop, 'boot partition', ['sh', '-euc', script])
  return sizeMiB
}

async function assembleDisk(workshop: Workshop, bootMiB: number): Promise<void> {
  const { folder, tree } = workshop
  const table = `label: dos\nstart=1MiB, size=${bootMiB}MiB, type=c, bootable\nstart=${bootMiB + 1}MiB, type=83\n`
  writeFileSync(join(folder, 'table'), table)
  const script = `cd "$1"
    truncate -s ${bootMiB + 1 + rootMiB}M disk.img
    chroot "$2" sfdisk -q ${inside}/disk.img < table
    dd if="$2/usr/lib/syslinux/mbr/mbr.bin" of=disk.img bs=440 count=1 conv=notrunc status=none
    dd if=boot.img of=disk.img bs=1M seek=1 conv=notrunc,sparse status=none
    dd if=root.img of=disk.img bs=1M seek=${bootMiB + 1} conv=notrunc,sparse status=none
    qemu-img convert -O qcow2 -c disk.img disk.qcow2`
  await runOnHost('sh', ['-euc', script, 'sh', folder, tree], { step: 'test image: disk' })
}

/** Makes `<image>/duostack-test.qcow2`. It replaces an older one in one step; its digest is written after it. */
export async function buildTestImage(image: string, note: Note): Promise<void> {
  const workshop = { tree: join(image, 'root'), folder: join(image, '.test.partial') }
  rmSync(workshop.folder, { recursive: true, force: true })
  mkdirSync(workshop.folder)
  // Both are seen by this build alone, in its own mount namespace, and go with it. syslinux works through /proc.
  await runOnHost('mount', ['--bind', workshop.folder, join(workshop.tree, inside)], { step: 'test image: workshop' })
  await runOnHost('mount', ['-t', 'proc', 'proc', join(workshop.tree, 'proc')], { step: 'test image: workshop' })
  note('boot')
  await makeInitrd(workshop)
  const bootMiB = await makeBootPartition(workshop)
  note('root')
  await makeRoot(workshop)
  note('disk')
  await assembleDisk(workshop, bootMiB)
  const finished = join(workshop.folder, 'disk.qcow2')
  chmodSync(finished, 0o644)
  renameSync(finished, testImageFile(image))
  writeFileSync(digestFile(image), `${testImageDigest(image)}\n`)
  await runOnHost('umount', [join(workshop.tree, inside)], { step: 'test image: workshop' })
  rmSync(workshop.folder, { recursive: true })
}

/** A stock kernel under QEMU emulation: starting it, and the commands to its monitor. */

import { spawn } from 'node:child_process'
import { openSync } from 'node:fs'
import { copyFile, readdir, writeFile } from 'node:fs/promises'
import { connect, createServer } from 'node:net'
import { join } from 'node:path'
import { execa } from 'execa'

export interface Boot {
  folder: string
  /** Where its kernel and initrd are taken from. */
  root: string
  /** On 127.0.0.1. */
  sshPort: number
  memoryMiB: number
  /** `EPYC-Rome,+svm` shows the guest hardware virtualization, which is emulated as well. */
  cpu: string
}

const newest = async (folder: string, prefix: string) => {
  const names = (await readdir(folder)).filter((name) => name.startsWith(prefix)).sort()
  return join(folder, names.at(-1) ?? prefix)
}

/** An ext4 disk of a root file system, sparse and without a partition table: the kernel is given to QEMU directly. */
export async function makeDisk(root: string, disk: string, size: string): Promise<void> {
  await execa('truncate', ['-s', size, disk])
  await execa('nice', ['mke2fs', '-q', '-t', 'ext4', '-E', 'lazy_itable_init=1', '-d', root, disk])
}

/** Kernel and initrd are kept beside the disk, because the root file system itself is removed. */
export async function takeKernel({ folder, root }: Pick<Boot, 'folder' | 'root'>): Promise<void> {
  await copyFile(await newest(join(root, 'boot'), 'vmlinuz-'), join(folder, 'vmlinuz'))
  await copyFile(await newest(join(root, 'boot'), 'initrd.img-'), join(folder, 'initrd'))
}

/** In its own session; its pid is in qemu.pid. This machine's /dev/kvm is not used: only TCG is named. */
export async function startQemu({ folder, sshPort, memoryMiB, cpu }: Omit<Boot, 'root'>): Promise<void> {
  const out = openSync(join(folder, 'out'), 'a')
  const child = spawn(
    'nice',
    [
      ...['qemu-system-x86_64', '-accel', 'tcg,thread=multi,tb-size=1024', '-machine', 'q35', '-cpu', cpu, '-smp', '2'],
      ...['-m', String(memoryMiB), '-nodefaults', '-display', 'none', '-serial', `file:${folder}/console`],
      ...['-qmp', `unix:${folder}/monitor,server=on,wait=off`],
      ...['-kernel', `${folder}/vmlinuz`, '-initrd', `${folder}/initrd`],
      ...['-append', 'root=/dev/vda rw console=ttyS0 net.ifnames=0 tsc=reliable mitigations=off'],
      ...['-drive', `file=${folder}/disk,if=virtio,format=raw,cache=unsafe`, '-device', 'virtio-rng-pci'],
      ...['-netdev', `user,id=n,hostfwd=tcp:127.0.0.1:${sshPort}-:22`, '-device', 'virtio-net-pci,netdev=n'],
    ],
    { detached: true, stdio: ['ignore', out, out] },
  )
  child.unref()
  await writeFile(join(folder, 'qemu.pid'), `${child.pid}\n`)
}

/** Sends one command to the monitor and returns its answer. */
export function tellQemu(folder: string, command: string): Promise<unknown> {
  return new Promise((resolve, reject) => {
    const socket = connect(join(folder, 'monitor'))
    let text = ''
    const timer = setTimeout(() => socket.destroy(new Error(`QEMU does not answer ${command}`)), 30_000)
    socket.on('error', reject).on('close', () => clearTimeout(timer))
    socket.on('data', (data) => {
      text += data
      // The first answer is to the negotiation of capabilities, which must come first.
      const answers = text.split('\n').flatMap((line) => (line.includes('"return"') ? [JSON.parse(line)] : []))
      if (answers.length < 2) return
      socket.destroy()
      resolve(answers[1].return)
    })
    socket.write(`{"execute":"qmp_capabilities"}\n{"execute":"${command}"}\n`)
  })
}

export const freePort = () =>
  new Promise<number>((resolve, reject) => {
    const server = createServer().on('error', reject)
    server.listen(0, '127.0.0.1', () => {
      const { port } = server.address() as { port: number }
      server.close(() => resolve(port))
    })
  })

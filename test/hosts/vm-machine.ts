/** Machines B and C: a VM with Debian's stock kernel, emulated, with the host packages and node modules inside. */

import { mkdir, readFile, rm, writeFile } from 'node:fs/promises'
import { basename, join, resolve } from 'node:path'
import { execa } from 'execa'
import { neededPackages } from '../../scripts/host/packages.ts'
import { tail } from '../harness/output.ts'
import { ensureTools } from './apt.ts'
import { cloneInto } from './checkout.ts'
import { carryNode, equip, giveDev, seed, userModeNames } from './equip.ts'
import { type Ground, type Machine, readWarnings, runOver, sshOptions, untilUp } from './machine.ts'
import { freePort, makeDisk, startQemu, takeKernel, tellQemu } from './qemu.ts'
import { removeTree } from './remove-tree.ts'
import { ensureRoot } from './roots.ts'
import type { Row } from './row.ts'

/** A minute if nothing else runs; longer on a busy machine. */
const bootSeconds = 900

const system = [
  'linux-image-amd64',
  'initramfs-tools',
  'ifupdown',
  'apparmor',
  'systemd-timesyncd',
  'dbus-user-session',
]

/** Installed here natively: in the VM it takes twenty minutes. */
function packagesOf({ suite, machine, kind }: Row): string[] {
  const needed = neededPackages(machine === 'C' ? 'kvm' : kind, 'none')
  // Since Debian 13 optional parts are separate packages.
  const ofSuite = needed.filter(({ optional }) => !optional || suite === 'trixie')
  return [...system, ...(suite === 'trixie' ? ['nodejs', 'npm'] : []), ...ofSuite.map(({ name }) => name)]
}

export interface VirtualMachine extends Machine {
  /** Like a laptop with a closed lid. */
  pause(): Promise<void>
  resume(): Promise<void>
}

export async function startVirtualMachine(ground: Ground, row: Row, fresh: boolean): Promise<VirtualMachine> {
  await ensureTools(['mmdebstrap', 'debian-archive-keyring', 'qemu-system-x86', 'e2fsprogs', 'openssh-client', 'git'])
  const folder = join(ground.folder, `${basename(ground.folder)}-${row.name}`)
  const sshPort = await freePort()
  const machine = describe(ground, row.name, folder, sshPort)
  try {
    await furnish(ground, row, folder, fresh)
    const cpu = row.machine === 'C' ? 'EPYC-Rome,+svm' : 'max'
    await startQemu({ folder, sshPort, cpu, memoryMiB: row.machine === 'C' ? 8 * 1024 : 11 * 1024 })
    await untilUp(machine, bootSeconds)
  } catch (error) {
    await machine.remove()
    throw error
  }
  return machine
}

async function furnish(ground: Ground, row: Row, folder: string, fresh: boolean): Promise<void> {
  const root = join(folder, 'root')
  await mkdir(folder)
  await execa('cp', [
    '-a',
    '--reflink=auto',
    await ensureRoot(ground.folder, { suite: row.suite, packages: packagesOf(row) }, fresh),
    root,
  ])
  await equip(root, `${ground.key}.pub`)
  const network = 'auto lo\niface lo inet loopback\nauto eth0\niface eth0 inet static\n'
  await writeFile(join(root, 'etc/network/interfaces'), `${network}  address 10.0.2.15/24\n  gateway 10.0.2.2\n`)
  await rm(join(root, 'etc/resolv.conf'), { force: true })
  await writeFile(join(root, 'etc/resolv.conf'), userModeNames)
  await writeFile(join(root, 'etc/fstab'), '/dev/vda / ext4 defaults 0 1\n')
  if (row.suite === 'bookworm') await carryNode(root)
  await seed(root)
  await carryCheckout(root, row.user === 'root' ? 'root' : 'home/dev')
  await giveDev(root)
  await takeKernel({ folder, root })
  // Sparse; it must have room for what the nodes' disks may need.
  await makeDisk(root, join(folder, 'disk'), '60G')
  await removeTree(root)
}

/** With the node modules of this checkout: npm is slow there, and is tested on machine A. */
async function carryCheckout(root: string, home: string): Promise<void> {
  const source = resolve(import.meta.dirname, '../..')
  const clone = join(root, home, 'duostack')
  await cloneInto(clone)
  for (const folder of ['node_modules', 'terraform-providers/gen']) {
    await execa('cp', ['-r', join(source, folder), join(clone, folder)])
  }
}

const untilChanged = async (machine: Machine, before: string) => {
  const end = Date.now() + bootSeconds * 1000
  while (Date.now() < end) {
    const asked = await machine.run('root', 'cat /proc/sys/kernel/random/boot_id', { quiet: true, timeoutSeconds: 60 })
    if (asked.exitCode === 0 && asked.stdout.trim() !== before) return
    await new Promise((again) => setTimeout(again, 2000))
  }
}

function describe(ground: Ground, name: string, folder: string, port: number): VirtualMachine {
  const ssh = ['ssh', ...sshOptions(ground.key), '-p', String(port)]
  const machine: VirtualMachine = {
    name,
    enter: `${ssh.join(' ')} root@127.0.0.1`,
    run: (user, body, options) => runOver(`${user}@${name}`, [...ssh, `${user}@127.0.0.1`], body, options),
    reboot: async () => {
      const { stdout } = await machine.run('root', 'cat /proc/sys/kernel/random/boot_id; systemctl reboot', {
        quiet: true,
      })
      await untilChanged(machine, stdout.trim())
      await untilUp(machine, bootSeconds)
    },
    lastWords: async () => {
      const console = await readFile(join(folder, 'console'), 'utf8').catch(() => '')
      return `${await readWarnings(machine)}\nits console:\n${tail(console, 60)}`
    },
    pause: async () => void (await tellQemu(folder, 'stop')),
    resume: async () => void (await tellQemu(folder, 'cont')),
    remove: async () => {
      const pid = Number(await readFile(join(folder, 'qemu.pid'), 'utf8').catch(() => 0))
      if (pid > 0) await execa('kill', ['-9', String(pid)], { reject: false })
      await removeTree(folder)
    },
  }
  return machine
}

/**
 * A substitute for a stock Debian 12 cloud image if none can be downloaded: the packages of such an image (cloud-init,
 * netplan, the cloud kernel, a boot loader, ssh), a partition table, nothing of OpenStack and nothing of ours.
 */

import { mkdir, open, readFile, rm, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { execa } from 'execa'
import { readAptSources } from '../../scripts/image/apt-sources.ts'

const packages = [
  'apparmor',
  'cloud-guest-utils',
  'cloud-init',
  'e2fsprogs',
  'fdisk',
  'grub-pc-bin',
  'grub2-common',
  'initramfs-tools',
  'iproute2',
  'libnss-myhostname',
  'libpam-systemd',
  'linux-image-cloud-amd64',
  'netbase',
  'netplan.io',
  'openssh-server',
  'python3',
  'sudo',
  'systemd-resolved',
  'systemd-sysv',
  'systemd-timesyncd',
  'unattended-upgrades',
]

const diskMiB = 3072
const label = 'cloudimg-rootfs'

/** As in Debian's own image: kernel messages go to both consoles, and the last one is /dev/console. */
const grubConfig = `set timeout=0
menuentry debian {
  linux /vmlinuz root=LABEL=${label} ro console=tty0 console=ttyS0,115200 consoleblank=0
  initrd /initrd.img
}
`

async function run(file: string, ...args: string[]): Promise<void> {
  await execa(file, args, { stdio: ['ignore', 'inherit', 'inherit'], preferLocal: false })
}

async function makeTree(root: string): Promise<void> {
  const sources = await readAptSources()
  const options = [
    '--mode=root',
    '--variant=minbase',
    `--include=${packages.join(',')}`,
    '--dpkgopt=force-unsafe-io',
    '--aptopt=APT::Install-Recommends "false"',
    ...sources.options,
    // As in a published image: its sources are Debian's, which no lab can reach.
    '--customize-hook=echo "deb http://deb.debian.org/debian bookworm main" >"$1/etc/apt/sources.list"',
    '--customize-hook=rm -f "$1"/etc/ssh/ssh_host_* "$1"/etc/hostname "$1"/etc/resolv.conf',
    `--customize-hook=echo "LABEL=${label} / ext4 rw,discard,errors=remount-ro 0 1" >"$1/etc/fstab"`,
    '--customize-hook=chroot "$1" systemctl enable systemd-resolved',
  ]
  await run('mmdebstrap', ...options, 'bookworm', root, ...sources.lines)
}

const sector = 512
const firstSector = 2048

/** A DOS partition table with one bootable Linux partition, after the boot loader's first part. */
function bootSector(loader: Buffer): Buffer {
  const block = Buffer.alloc(sector)
  loader.copy(block, 0, 0, 440)
  block.set([0x80, 0xfe, 0xff, 0xff, 0x83, 0xfe, 0xff, 0xff], 446)
  block.writeUInt32LE(firstSector, 454)
  block.writeUInt32LE((diskMiB * 2 ** 20) / sector - firstSector, 458)
  block.set([0x55, 0xaa], 510)
  return block
}

/** The boot loader's second part is between the table and the partition. */
async function makeDisk(folder: string, root: string, target: string): Promise<void> {
  const disk = join(folder, 'disk.raw')
  await mkdir(join(root, 'boot/grub'), { recursive: true })
  await writeFile(join(root, 'boot/grub/grub.cfg'), grubConfig)
  const modules = 'biosdisk part_msdos ext2 normal linux echo configfile test'.split(' ')
  const core = ['-O', 'i386-pc', '-o', '/boot/grub/core.img', '-p', '(hd0,msdos1)/boot/grub', ...modules]
  await run('chroot', root, 'grub-mkimage', ...core)
  await run('truncate', '-s', `${diskMiB}M`, disk)
  const features = `offset=${firstSector * sector},lazy_itable_init=1,lazy_journal_init=1`
  await run('mke2fs', '-q', '-t', 'ext4', '-L', label, '-E', features, '-d', root, disk, `${diskMiB - 1}M`)
  const file = await open(disk, 'r+')
  try {
    await file.write(bootSector(await readFile(join(root, 'usr/lib/grub/i386-pc/boot.img'))), 0, sector, 0)
    const second = await readFile(join(root, 'boot/grub/core.img'))
    await file.write(second, 0, second.length, sector)
  } finally {
    await file.close()
  }
  await run('qemu-img', 'convert', '-f', 'raw', '-O', 'qcow2', disk, target)
}

/** Takes about two minutes. `folder`: a new folder with 5 GB free. Returns the image's path. */
export async function makeStockImage(folder: string): Promise<string> {
  const root = join(folder, 'root')
  const target = join(folder, 'debian-12-like-cloud.qcow2')
  await makeTree(root)
  await makeDisk(folder, root, target)
  await rm(root, { recursive: true, force: true })
  await rm(join(folder, 'disk.raw'), { force: true })
  return target
}

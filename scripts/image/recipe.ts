/** What the node image is made of: packages, what is left out of them, and the digest that names the result. */

import { createHash } from 'node:crypto'
import { readdirSync, readFileSync, statSync } from 'node:fs'
import { join, relative } from 'node:path'
import { profileOf, serviceNames } from '../declaration/service-profiles.ts'

/** The last Debian release whose OpenStack (Zed) has the Linuxbridge agent as it is in the install guide. */
export const suite = 'bookworm'

/** What a node has besides its services. */
const ownPackages = [
  'bridge-utils',
  'busybox',
  'ca-certificates',
  'conntrack',
  'dbus',
  'debian-archive-keyring',
  'dosfstools',
  'dropbear-bin',
  'e2fsprogs',
  'fdisk',
  'initramfs-tools',
  'iproute2',
  'iptables',
  'iputils-ping',
  'kmod',
  'less',
  'linux-image-cloud-amd64',
  'logrotate',
  'mtools',
  'neutron-linuxbridge-agent',
  'neutron-metadata-agent',
  'neutron-rpc-server',
  'nova-compute-kvm',
  'nova-conductor',
  'nova-consoleproxy',
  'nova-scheduler',
  'novnc',
  'openssh-server',
  'qemu-system-x86',
  'syslinux',
  'syslinux-common',
  'systemd',
  'systemd-sysv',
  'tcpdump',
  'tgt',
  'thin-provisioning-tools',
  'udev',
  'util-linux',
  'vim-tiny',
]

/** The packages of every role, sorted, so that a change shows as one line. Their dependencies come by themselves. */
export const nodePackages: readonly string[] = [
  ...new Set([...ownPackages, ...serviceNames.flatMap((name) => profileOf(name).packages)]),
].sort()

/** Test suites inside Python packages: nothing imports them at run time, and they are a third of all Python here. */
const packagesWithTests = [
  ...serviceNames.filter((name) => profileOf(name).catalog),
  ...['openstack', 'openstackclient', 'os_ken'],
]

/** dpkg's patterns of files that are not unpacked. */
export const leftOut = [
  '/usr/share/doc/*',
  '/usr/share/help/*',
  '/usr/share/info/*',
  '/usr/share/lintian/*',
  '/usr/share/locale/*',
  '/usr/share/man/*',
  ...packagesWithTests.map((name) => `/usr/lib/python3/dist-packages/${name}/tests/*`),
]

export const imageFolder = import.meta.dirname

/** Copied over the tree as it stands; modes other than "executable or not" do not survive git and are not used. */
export const overlayFolder = join(imageFolder, 'node')

/** Shell that is run in the new tree: before the packages are configured, and after. */
export const treeScripts = ['begin-tree.sh', 'finish-tree.sh'].map((name) => join(imageFolder, name))

/** What makes the databases. The migrations themselves are the packages', and a node looks whether they are the newest. */
const schemaPrograms = ['../services/image-schemas.ts', '../services/migrations.ts', '../services/nova-cells.ts'].map(
  (name) => join(imageFolder, name),
)

/** Every file below a folder, by its path. */
export function filesBelow(folder: string): string[] {
  return readdirSync(folder, { withFileTypes: true }).flatMap((entry) => {
    const path = join(folder, entry.name)
    return entry.isDirectory() ? filesBelow(path) : [path]
  })
}

/** The digest of a recipe: 64 hex digits over the packages, what is left out, and every file with its executable bit. */
export function recipeDigest(
  packages: readonly string[],
  exclude: readonly string[],
  files: readonly string[],
): string {
  const hash = createHash('sha256').update(JSON.stringify([suite, packages, exclude]))
  for (const file of files.toSorted()) {
    const executable = (statSync(file).mode & 0o100) !== 0
    const content = createHash('sha256').update(readFileSync(file)).digest('hex')
    hash.update(JSON.stringify([relative(imageFolder, file), executable, content]))
  }
  return hash.digest('hex')
}

let known: string | undefined

/** Names the node image that this checkout would build: 64 hex digits, the same on every machine. Contacts nothing. */
export function nodeImageDigest(): string {
  known ??= recipeDigest(nodePackages, leftOut, [...treeScripts, ...schemaPrograms, ...filesBelow(overlayFolder)])
  return known
}

/** What the node image is made of: packages, what is left out of them, and the digest that names the result. */

import { createHash } from 'node:crypto'
import { readdirSync, readFileSync, statSync } from 'node:fs'
import { join, relative } from 'node:path'

/** The last Debian release whose OpenStack (Zed) has the Linuxbridge agent as it stands in the install guide. */
export const suite = 'bookworm'

/** The packages of every role, sorted, so that a change shows as one line. Their dependencies come by themselves. */
export const nodePackages = [
  'apache2',
  'bridge-utils',
  'busybox',
  'ca-certificates',
  'chrony',
  'cinder-api',
  'cinder-backup',
  'cinder-scheduler',
  'cinder-volume',
  'conntrack',
  'curl',
  'dbus',
  'debian-archive-keyring',
  'dnsmasq-base',
  'dosfstools',
  'dropbear-bin',
  'e2fsprogs',
  'ebtables',
  'fdisk',
  'genisoimage',
  'glance',
  'haproxy',
  'initramfs-tools',
  'iproute2',
  'ipset',
  'iptables',
  'iputils-ping',
  'keystone',
  'kmod',
  'less',
  'libvirt-clients',
  'libvirt-daemon-system',
  'linux-image-cloud-amd64',
  'logrotate',
  'lvm2',
  'mariadb-server',
  'memcached',
  'mtools',
  'neutron-api',
  'neutron-dhcp-agent',
  'neutron-linuxbridge-agent',
  'neutron-metadata-agent',
  'neutron-rpc-server',
  'nova-api',
  'nova-compute',
  // Not nova-compute-qemu: it brings the emulators of every architecture, 700 MB. The virt_type is written anyway.
  'nova-compute-kvm',
  'nova-conductor',
  'nova-consoleproxy',
  'nova-scheduler',
  'novnc',
  'open-iscsi',
  'openssh-server',
  'openstack-dashboard',
  // openstack-dashboard alone has no web server.
  'openstack-dashboard-apache',
  'placement-api',
  'procps',
  'python3-memcache',
  'python3-pymemcache',
  'python3-pymysql',
  'qemu-system-x86',
  'qemu-utils',
  'rabbitmq-server',
  'sudo',
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
] as const

/** Test suites inside Python packages: nothing imports them at run time, and they are a third of all Python here. */
const packagesWithTests = ['cinder', 'glance', 'keystone', 'neutron', 'nova', 'openstack', 'openstackclient', 'os_ken']

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
const schemaPrograms = ['../services/image-schemas.ts', '../services/alembic.ts', '../services/nova-cells.ts'].map(
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

/** The host's packages: which ones a lab needs and why, which are missing, and their installation. */

import type { Hypervisor, Isolation, Lab, LibvirtDriver } from '../declaration/lab.ts'
import { profileOf, type ServiceName, serviceNames } from '../declaration/service-profiles.ts'
import { mmdebstrapNotes } from '../image/mmdebstrap-notes.ts'
import { runVirsh } from '../libvirt/virsh.ts'
import { kindOf } from '../nodes/kind-of.ts'
import { runOnHost } from '../run/process.ts'
import type { Progress } from '../run/progress.ts'
import { timeouts } from '../run/timeouts.ts'

export interface HostPackage {
  name: string
  /** Why the lab needs it, shown before it is installed. */
  why: string
  /** Needed by these alone; by all where absent. */
  driver?: LibvirtDriver
  isolations?: readonly Isolation[]
  /** Needed only where the nodes are made of a stock image. */
  stock?: true
  /** Needed only where this service is on. */
  service?: ServiceName
  /** Needed only with `lab_outbound`. */
  outbound?: true
  /** Not every supported system has it as a package of its own. */
  optional?: boolean
}

/** Recommended packages stay away: they would bring firewall rules, bridges and daemons that the lab does not need. */
export const hostPackages: readonly HostPackage[] = [
  { name: 'iproute2', why: 'network namespace, routes' },
  { name: 'iptables', why: 'libvirt keeps isolated networks apart with it' },
  { name: 'iputils-ping', why: '`./lab verify` asks the instance' },
  { name: 'tcpdump', why: '`./lab verify` looks at the tags on the VLAN network' },
  { name: 'openssh-client', why: 'the way into the nodes' },
  { name: 'ca-certificates', why: 'downloads over HTTPS' },
  { name: 'mmdebstrap', why: 'builds the node image from Debian packages' },
  { name: 'debian-archive-keyring', why: "checks the Debian archive's signatures" },
  { name: 'qemu-utils', why: 'disk images' },
  { name: 'libvirt-daemon', why: 'runs the nodes' },
  { name: 'libvirt-clients', why: 'virsh' },
  { name: 'libvirt-daemon-system', why: 'runs the nodes in this system', isolations: ['none'] },
  {
    name: 'dnsmasq-base',
    why: "libvirt makes no network without it, though the lab's networks have no DHCP of its own",
  },
  { name: 'libvirt-daemon-driver-network', why: "the lab's two networks", optional: true },
  { name: 'libvirt-daemon-driver-storage', why: "the nodes' disks", optional: true },
  { name: 'libvirt-daemon-driver-qemu', why: 'nodes that are virtual machines', driver: 'qemu' },
  { name: 'qemu-system-x86', why: 'nodes that are virtual machines', driver: 'qemu' },
  { name: 'xsltproc', why: 'the libvirt provider completes domains with it', driver: 'qemu' },
  { name: 'genisoimage', why: 'the disk that tells a stock image which node it is', stock: true },
  { name: 'libvirt-daemon-driver-lxc', why: 'nodes that are containers', driver: 'lxc' },
  { name: 'nftables', why: 'the firewall rules of lab_outbound', outbound: true },
  {
    name: 'slirp4netns',
    why: "lab_outbound: the way out of the lab's namespace",
    isolations: ['netns'],
    outbound: true,
  },
  { name: 'python3-openstackclient', why: '`./lab openstack`' },
  ...serviceNames.flatMap((service) => {
    const { client } = profileOf(service)
    return client ? [{ name: client, why: `\`./lab openstack\` with ${service}`, service }] : []
  }),
]

/** What decides which of them a lab needs. */
export type Needing = Partial<Pick<Lab, 'stockImage' | 'outbound'>> & { services?: Partial<Lab['services']> }

/** What this lab needs of them. */
export function neededPackages(
  hypervisor: Hypervisor | 'auto',
  isolation: Isolation,
  { stockImage, services = {}, outbound }: Needing = {},
): HostPackage[] {
  return hostPackages.filter(
    (one) =>
      (hypervisor === 'auto' || one.driver === undefined || one.driver === kindOf({ hypervisor }).driver) &&
      (one.isolations?.includes(isolation) ?? true) &&
      (stockImage !== undefined || !one.stock) &&
      (outbound !== undefined || !one.outbound) &&
      (!one.service || services[one.service] === true),
  )
}

/** Of them, those to install. The optional ones never ask for an installation by themselves. */
export function missingPackages(needed: readonly HostPackage[], installed: ReadonlySet<string>): HostPackage[] {
  const missing = needed.filter(({ name }) => !installed.has(name))
  return missing.every(({ optional }) => optional) ? [] : missing
}

/** Of the packages in the table, those that are installed. */
export async function installedPackages(): Promise<ReadonlySet<string>> {
  const { stdout } = await runOnHost(
    'dpkg-query',
    // biome-ignore lint/suspicious/noTemplateCurlyInString: dpkg-query's own placeholders
    ['-W', '-f', '${Package} ${db:Status-Status}\\n', ...hostPackages.map(({ name }) => name)],
    { step: 'read the installed packages', allow: [0, 1] },
  )
  const rows = stdout.split('\n').map((line) => line.split(' '))
  return new Set(rows.filter(([, status]) => status === 'installed').map(([name]) => name!))
}

const environment = ['DEBIAN_FRONTEND=noninteractive', 'LC_ALL=C.UTF-8']
const lock = ['-o', `DPkg::Lock::Timeout=${timeouts.machine.aptLock.seconds}`, '-o', 'Acquire::Retries=3']

/** Says what it will install and why, then does. Waits up to five minutes for another apt to end. */
export async function installPackages(missing: readonly HostPackage[], progress: Progress): Promise<void> {
  if (missing.length === 0) return
  const wanted = await progress.step('package lists', async (note) => {
    await apt(['update'], note)
    return installable(missing)
  })
  progress.line('  installing on this machine (apt-get install --no-install-recommends):')
  for (const { name, why } of wanted) progress.line(`    ${name}: ${why}`)
  await progress.step('host packages', async (note) => {
    await apt(['install', '-y', '--no-install-recommends', ...wanted.map(({ name }) => name)], note)
    if (wanted.some(({ name }) => name === 'libvirt-daemon-system')) await quietDefaultNetwork()
  })
}

/** apt-get as root. */
export function apt(args: readonly string[], note: (line: string) => void) {
  return runOnHost('env', [...environment, 'apt-get', '-q', ...lock, ...args], {
    step: `apt-get ${args[0]}`,
    root: true,
    timeoutSeconds: timeouts.machine.packages.seconds,
    onLine: mmdebstrapNotes(note),
  })
}

/** Required packages as they are; optional ones only where this system's archive has them. */
export async function installable(missing: readonly HostPackage[]): Promise<HostPackage[]> {
  const optional = missing.filter((one) => one.optional).map(({ name }) => name)
  if (optional.length === 0) return [...missing]
  const { stdout } = await runOnHost('apt-cache', ['policy', ...optional], { step: 'ask apt', allow: [0, 100] })
  const known = optional.filter((name) => new RegExp(`^${name}:\\n.*\\n  Candidate: (?!\\(none\\))`, 'm').test(stdout))
  return missing.filter(({ name }) => !optional.includes(name) || known.includes(name))
}

/** The package brings libvirt's default network, a bridge with NAT rules that this machine did not have before. */
async function quietDefaultNetwork(): Promise<void> {
  await runVirsh('qemu:///system', ['net-autostart default --disable; net-destroy default'], {
    step: "leave libvirt's default network off",
    root: true,
    timeoutSeconds: timeouts.machine.query.seconds,
    allow: [0, 1],
  })
}

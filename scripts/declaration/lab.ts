/** The Lab: the content of ansible-vars/ and .lab/lab.json, typed and frozen. Everything else is derived from it. */

import type { ServiceName } from './service-profiles.ts'

export const hypervisors = ['kvm', 'qemu', 'lxc'] as const
export type Hypervisor = (typeof hypervisors)[number]

/** libvirt's drivers for virtual machines and for containers. */
export type LibvirtDriver = 'qemu' | 'lxc'

export const isolations = ['none', 'netns'] as const
export type Isolation = (typeof isolations)[number]

/** How Cinder takes a volume's room from the storage node's disk: as it is written, or at once. */
export const provisionings = ['thin', 'thick'] as const
export type Provisioning = (typeof provisionings)[number]

/** The install guide's two ways of networking: instances on provider networks alone, or on networks of their own as well. */
export const networkings = ['provider', 'self-service'] as const
export type Networking = (typeof networkings)[number]

/** Projects have networks of their own, routers and floating IPs. */
export const isSelfService = ({ networking }: { networking: Networking }): boolean => networking === 'self-service'

/** An inventory group of ansible-vars/hosts.yml; `all` stands for every node. */
export const roles = ['controller', 'compute', 'storage'] as const
export type Role = (typeof roles)[number]

/** Name of the project of service `demo` and of its user. */
export const demoName = 'demo'

/** How instances and nodes get out of the lab. */
export interface Outbound {
  /** Ranges that they must not reach, besides those that nobody reaches. */
  deny: readonly string[]
}

/** A libvirt network on this host. `hostAddress` is the host's own address on its bridge. */
export interface LabNetwork {
  /** libvirt's name: `<lab name>-management`. */
  name: string
  /** Interface name of the bridge, at most 15 characters, unique per lab: `<first 8 of lab id>-mgmt` or `-prov`. */
  bridge: string
  /** `10.0.0.0/24` */
  cidr: string
  /** `24` */
  prefixLength: number
  /** `10.0.0.1` */
  hostAddress: string
}

/** From the first to the last address, both included. */
export interface AddressPool {
  start: string
  end: string
}

/** A VLAN provider network on the same physical network. Present only where the nodes' kernel can carry it. */
export interface VlanNetwork {
  name: string
  vlanId: number
  /** The host's tagged interface on the provider bridge: `<first 8 of lab id>-v<VLAN ID>`. */
  interface: string
  cidr: string
  prefixLength: number
  /** The host's own address on that interface; the instances' gateway. */
  hostAddress: string
  /** Addresses that Neutron hands out. */
  pool: AddressPool
}

export interface LabNode {
  name: string
  roles: readonly Role[]
  /** On the management network; the provider interface has none. */
  address: string
  /** Upper case, as the libvirt provider wants it. eth0 and eth1. */
  macs: { management: string; provider: string }
  vcpus: number
  memoryMiB: number
  diskGiB: number
  /** The empty second disk for Cinder; 0 where the node has none (no storage role, or a container). */
  volumeDiskGiB: number
}

/** Somebody else's disk image for the nodes, in place of the lab's own: a plain Debian 12 with cloud-init. */
export interface StockImage {
  /** An absolute path on this machine, or an http(s) address. */
  source: string
  /** `sha512:HEX` or `sha256:HEX` of that file. */
  checksum: string
  /** apt's lines for the nodes, which have no way out of the lab's networks. */
  packageSources: readonly string[]
}

/** What the nodes' kernel and hypervisor allow; derived, so that a part which cannot work is left out by name. */
export interface Capabilities {
  /** 802.1Q interfaces inside the nodes. */
  vlan: boolean
  /** device-mapper and iSCSI inside the nodes. */
  lvm: boolean
}

export interface Lab {
  /** Eight lower-case hex digits, random, fixed at the first `up`; marks every object that this lab owns. */
  id: string
  /** `lab_name`, the prefix of domains, networks and pools. */
  name: string
  region: string
  hypervisor: Hypervisor
  isolation: Isolation
  /** The checkout. */
  root: string
  paths: LabPaths
  /** Name of the network namespace, `duostack-<id>`; absent if isolation is none. */
  netns?: string
  /** Of the driver that runs the lab's nodes; networks and pools are reached by either. `qemu:///system`, `lxc+unix:///system?socket=…` */
  libvirtUri: string
  /** Both drivers of the same daemon, for what looks for objects whatever made them. */
  libvirtUris: Readonly<Record<LibvirtDriver, string>>
  /** Digest of the node image's recipe: 64 hex digits. The test instance's image is made of it in every lab. */
  imageDigest: string
  /** What the nodes are made of instead of the node image; absent if they are made of it. */
  stockImage?: StockImage
  networks: { management: LabNetwork; provider: LabNetwork; vlan?: VlanNetwork; vlanRange: readonly [number, number] }
  /** Whether projects have networks, routers and floating IPs of their own. */
  networking: Networking
  /** Absent if nothing leaves the lab, the default. */
  outbound?: Outbound
  /** `lab_dns`; absent if not set. See `nameServers`. */
  dns?: readonly string[]
  /** Addresses that Neutron hands out on the flat provider network. */
  providerPool: AddressPool
  nodes: readonly LabNode[]
  /** Which services are on; base to neutron always are. */
  services: Readonly<Record<ServiceName, boolean>>
  capabilities: Capabilities
  volumeProvisioning: Provisioning
  /** Whether volumes can be backed up; only where Cinder is on. */
  volumeBackup: boolean
  /** `up` saves a lab that it has built, as `fresh`. Absent if not, the default. */
  checkpoint?: boolean
  /** Worker processes of each API service. */
  apiWorkers: number
  /** Deadlines are written for native speed and multiplied by this: 1, or 12 where nodes are emulated. */
  timeScale: number
  /** `lab_config_overrides`: path on the node -> section -> key -> value, merged over what a service writes. */
  configOverrides: Readonly<Record<string, Record<string, Record<string, string | readonly string[]>>>>
  cloud: CloudDeclaration
}

/**
 * What finds all that a lab has on this machine, also where nothing else is known of it: its declaration may be broken
 * by now, its checkout gone.
 */
export interface LabHandle extends Pick<Lab, 'id' | 'isolation' | 'root' | 'libvirtUris'> {
  /** Absent of a lab of which only the id is left. */
  name?: string
  paths: Pick<LabPaths, 'state' | 'data' | 'terraform'>
  /** Those that are known; empty if the declaration tells none. */
  nodes: readonly Pick<LabNode, 'name'>[]
}

export interface CloudDeclaration {
  flavor: { name: string; vcpus: number; ramMiB: number; diskGiB: number }
  server: { name: string }
  /** GiB of the test volume; 0: none. */
  volumeGiB: number
  /** What project `demo` may use at most. */
  demoQuota: { instances: number; cores: number; ramMiB: number; volumes: number; volumeGiB: number }
  /** Ports on 127.0.0.1 to which `./lab open` forwards dashboard and console. */
  ports: { dashboard: number; console: number }
}

/** All absolute. Only `data` and `images` belong to root. */
export interface LabPaths {
  /** `.lab` in the checkout: 0700, the user's: identity, keys, states, clouds.yaml, logs. */
  state: string
  /** `/var/lib/duostack/<id>`: pool, container overlays, the private libvirtd. Removed whole by the sweep. */
  data: string
  /** `/var/cache/duostack/images/<image digest>`: `root/` (tree), `root.qcow2`, `vmlinuz`, `initrd`. Shared, kept. */
  image: string
  /** The test instance's image: `/var/cache/duostack/images/<digest>/duostack-test.qcow2`. */
  testImage: string
  /** ssh key pair `id_ed25519`, `known_hosts`, `ssh_config`, `<node>_host_ed25519` in `.lab/ssh`. */
  ssh: string
  /** `.lab/terraform/<stack>.tfstate` */
  terraform: string
  /** `.lab/clouds.yaml`, 0600. */
  clouds: string
  /** `ansible-vars/secrets.yml`, 0600. */
  secrets: string
  /** `~/.cache/duostack`: provider binaries, Terraform mirror, OpenTofu. The user's. */
  cache: string
}

/** The nodes of one role, in the inventory's order; `all` gives every node. */
export function nodesWith(lab: Lab, role: Role | 'all'): LabNode[] {
  return lab.nodes.filter((node) => role === 'all' || node.roles.includes(role))
}

/** The one controller. The declaration's validation guarantees that there is exactly one. */
export function controllerOf(lab: Lab): LabNode {
  return nodesWith(lab, 'controller')[0]!
}

/**
 * The DNS servers that a network's machines are told. Where instances get out and none is set, its gateway: this machine
 * passes questions on to its own resolver.
 */
export function nameServers({ dns, outbound }: Pick<Lab, 'dns' | 'outbound'>, gateway: string): readonly string[] {
  return dns ?? (outbound ? [gateway] : [])
}

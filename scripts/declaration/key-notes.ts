/** What each key of ansible-vars/ means, in one sentence, with its unit and its default value. */

import { hostsNotes } from './hosts-notes.ts'
import { type KeyNote, prefixed } from './key-note.ts'
import { byService, profileOf, type ServiceName } from './service-profiles.ts'

export const declarationFiles = ['hosts', 'all', 'controller', 'compute', 'storage'] as const
export type DeclarationFile = (typeof declarationFiles)[number]

function serviceNote(name: ServiceName): KeyNote {
  const { note, optional } = profileOf(name)
  if (!optional) return { means: `${note} Every lab has it.`, without: 'true' }
  return { means: note, delivered: optional === 'on', without: String(optional === 'on') }
}

const pool = (start: string, end: string): Record<string, KeyNote> => ({
  pool_start: { means: 'First address that Neutron hands out to instances.', delivered: start },
  pool_end: {
    means:
      'Last address that Neutron hands out to instances. DHCP uses one address of the range, and so does each test instance.',
    delivered: end,
  },
})

/** By file, then by key; `*` stands for a name that the user chooses. */
export const keyNotes: Record<DeclarationFile, Record<string, KeyNote>> = {
  hosts: hostsNotes,
  all: {
    lab_name: { means: 'Prefix of the names of domains, networks and pools in libvirt.', delivered: 'duostack' },
    lab_hypervisor: {
      means:
        'Kind of node. auto selects the first that works on this machine: kvm, lxc, qemu. Cannot change after the first up.',
      delivered: 'auto',
    },
    lab_isolation: {
      means:
        "Where the lab runs. none: with the system's libvirtd and bridges on this machine; netns: in a network namespace with its own libvirtd. auto selects none if the system's libvirtd can be used. Cannot change after the first up.",
      delivered: 'auto',
    },
    lab_node_image: {
      means: 'A stock disk image for the nodes: Debian 12 for x86-64 with cloud-init. Only for VMs.',
      without: "the lab's own node image, which contains all packages",
    },
    'lab_node_image.source': {
      means: 'A path on this machine, or a URL from which it is downloaded once.',
    },
    'lab_node_image.checksum': {
      means:
        'The checksum that its publisher gives. Cannot change after the first up, because it identifies the node image.',
    },
    'lab_node_image.package_sources': {
      means:
        "Where the nodes get their packages during the deploy. They have no route out of the lab's networks, so this must be a mirror or a cache on this machine, at its address in lab_management_network.",
    },
    lab_region: { means: 'Name of the OpenStack region.', delivered: 'RegionOne' },
    'lab_management_network.cidr': {
      means: 'The network for ssh, APIs, database and message queue: eth0 of every node.',
      delivered: '10.0.0.0/24',
    },
    'lab_management_network.host_address': { means: "This machine's own address in it.", delivered: '10.0.0.1' },
    'lab_provider_network.cidr': {
      means: 'The flat network on which instances are reached: eth1 of every node.',
      delivered: '203.0.113.0/24',
    },
    'lab_provider_network.host_address': {
      means: "This machine's own address in it; the instances' gateway.",
      delivered: '203.0.113.1',
    },
    ...prefixed('lab_provider_network', pool('203.0.113.101', '203.0.113.250')),
    lab_vlan_network: {
      means:
        "A second provider network, tagged on eth1. If the nodes' kernel has no VLAN support, up leaves it out and says so.",
      without: 'no such network',
    },
    'lab_vlan_network.name': { means: 'Its name in OpenStack.', delivered: 'provider-vlan' },
    'lab_vlan_network.vlan_id': { means: 'The tag; outside lab_tenant_vlans.', unit: 'VLAN ID', delivered: 101 },
    'lab_vlan_network.cidr': { means: 'The subnet.', delivered: '192.0.2.0/24' },
    'lab_vlan_network.host_address': { means: "This machine's own address in it.", delivered: '192.0.2.1' },
    ...prefixed('lab_vlan_network', pool('192.0.2.101', '192.0.2.250')),
    'lab_tenant_vlans.first': {
      means: 'First VLAN ID that Neutron may use for networks that users create.',
      unit: 'VLAN ID',
      delivered: 200,
    },
    'lab_tenant_vlans.last': { means: 'Last VLAN ID for these networks.', unit: 'VLAN ID', delivered: 299 },
    lab_networking: {
      means:
        'provider: instances are connected to the provider networks. self-service: projects also have networks of their own (VXLAN), routers and floating IPs, and up creates a network, a router and an instance with a floating IP as the user demo. A running lab can be changed either way; back to provider only when users have no routers, floating IPs or VXLAN networks.',
      delivered: 'provider',
      without: 'provider',
    },
    lab_outbound: {
      means:
        "Whether instances and nodes reach what this machine reaches, by NAT, over IPv4. Nothing outside reaches in. Never reachable: the lab's other networks, this machine's own addresses, 169.254.0.0/16 (but an instance's own metadata is). See docs/guide/outbound.md, which says what was tested.",
      delivered: false,
      without: 'false',
    },
    lab_outbound_deny: {
      means: 'Further ranges that instances and nodes must not reach with lab_outbound.',
      without: 'none',
    },
    lab_dns: {
      means:
        "DNS servers that the lab's networks hand out to instances, and that nodes use with lab_outbound. Without lab_outbound, only servers on the lab's own networks can be reached.",
      without:
        "with lab_outbound, the gateway of each network: this machine passes the questions on to its own resolver; otherwise Neutron's DHCP names itself, which knows no name outside",
    },
    ...prefixed('lab_services', byService(serviceNote)),
    lab_volume_backup: {
      means:
        "Volume backups (cinder-backup), stored compressed in a folder on the controller. Uses about 140 MiB of the controller's memory. Needs cinder.",
      delivered: false,
      without: 'false',
    },
    lab_checkpoint: {
      means:
        'Whether the up that builds a lab also saves it, as `fresh`, for ./lab reset. Stops the nodes once: virtual machines are only held. See docs/guide/checkpoints.md.',
      without: 'false',
    },
    lab_api_workers: {
      means:
        "Worker processes of each API service. Each uses about 120 MiB of the controller's memory; one more for all seven APIs uses 898 MiB. Rejected if the controller's memory is too small.",
      unit: 'processes',
      delivered: 1,
    },
    lab_config_overrides: {
      means:
        'Your own settings, merged over the files that the services write: path on the node, section, key, value. A list writes its key once per value. A change restarts only that service. A key that this release does not know is rejected if it looks like a typo; otherwise up prints a warning.',
      without: 'none',
    },
    'lab_cloud.flavor.name': { means: "Name of the test instance's flavor.", delivered: 'm1.nano' },
    'lab_cloud.flavor.vcpus': {
      means: 'Virtual CPUs of the flavor; not more than a compute node has.',
      unit: 'CPUs',
      delivered: 1,
    },
    'lab_cloud.flavor.ram_mib': {
      means: 'Memory of the flavor; not more than Nova offers on a compute node, which is less than the node has.',
      unit: 'MiB',
      delivered: 256,
    },
    'lab_cloud.flavor.disk_gib': {
      means: 'Root disk of the flavor; less than a compute node has.',
      unit: 'GiB',
      delivered: 1,
    },
    'lab_cloud.server_name': { means: 'Name of the test instance; also its host name.', delivered: 'test' },
    'lab_cloud.volume_gib': {
      means: "Size of the volume attached to the test instance; less than the storage nodes' second disk.",
      unit: 'GiB',
      delivered: 1,
    },
    'lab_open_ports.dashboard': {
      means: 'Port on 127.0.0.1 to which Horizon is forwarded.',
      unit: 'port',
      delivered: 8080,
    },
    'lab_open_ports.console': {
      means: "Port on 127.0.0.1 to which the instances' consoles are forwarded.",
      unit: 'port',
      delivered: 6080,
    },
    'lab_demo_quota.instances': { means: 'Instances that the demo project may have.', delivered: 4 },
    'lab_demo_quota.cores': { means: 'Virtual CPUs of all instances of the demo project.', unit: 'CPUs', delivered: 4 },
    'lab_demo_quota.ram_mib': { means: 'Memory of all instances of the demo project.', unit: 'MiB', delivered: 2048 },
    'lab_demo_quota.volumes': {
      means: 'Volumes that the demo project may have, and as many snapshots.',
      delivered: 4,
    },
    'lab_demo_quota.volume_gib': {
      means: "Total size of the demo project's volumes and snapshots.",
      unit: 'GiB',
      delivered: 10,
    },
  },
  controller: {
    vcpus: { means: 'Virtual CPUs of the controller.', unit: 'CPUs', delivered: 2 },
    memory_mib: {
      means: 'Memory of the controller. All services together use 4.5 GiB after an hour.',
      unit: 'MiB',
      delivered: 6144,
    },
    disk_gib: {
      means: "System disk; allocated as it is written. Also holds Glance's images.",
      unit: 'GiB',
      delivered: 20,
    },
  },
  compute: {
    vcpus: { means: 'Virtual CPUs of a compute node.', unit: 'CPUs', delivered: 2 },
    memory_mib: {
      means: 'Memory of a compute node. The node itself uses about 1 GiB, the rest is for instances.',
      unit: 'MiB',
      delivered: 3072,
    },
    disk_gib: {
      means: "System disk; allocated as it is written. Also holds the instances' root disks.",
      unit: 'GiB',
      delivered: 20,
    },
  },
  storage: {
    volume_disk_gib: {
      means: 'The empty second disk from which Cinder creates volumes. Only on VMs; containers have none.',
      unit: 'GiB',
      delivered: 10,
    },
    volume_provisioning: {
      means:
        'How volumes use space on that disk: thin, as they are written, or thick, all at once. Cannot change after the first volume is created.',
      delivered: 'thin',
    },
  },
}

/** What each key of ansible-vars/ means, in a sentence, with its unit and the value that is delivered. */

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
    means: 'Last address that Neutron hands out to instances, of which DHCP takes one and each test instance one.',
    delivered: end,
  },
})

/** By file, then by key; `*` stands for a name that the user chooses. */
export const keyNotes: Record<DeclarationFile, Record<string, KeyNote>> = {
  hosts: hostsNotes,
  all: {
    lab_name: { means: 'Prefix of the names of domains, networks and pools in libvirt.', delivered: 'duostack' },
    lab_hypervisor: {
      means: 'What a node is. auto takes the first that works here: kvm, lxc, qemu. Fixed by the first up.',
      delivered: 'auto',
    },
    lab_isolation: {
      means:
        "Where the lab lives: none, the system's libvirtd and bridges on this machine; netns, a network namespace with a libvirtd of its own. auto takes none where the system's libvirtd can be used. Fixed by the first up.",
      delivered: 'auto',
    },
    lab_node_image: {
      means: 'A disk image of somebody else for the nodes: Debian 12 for x86-64 with cloud-init. For VMs.',
      without: "the lab's own node image, which has all packages inside",
    },
    'lab_node_image.source': {
      means: 'Where it is: a path on this machine, or an address that it is fetched from once.',
    },
    'lab_node_image.checksum': {
      means:
        'What its publisher says of the file. Fixed by the first up, as it tells which image the nodes are made of.',
    },
    'lab_node_image.package_sources': {
      means:
        'Where the nodes get their packages at the deploy. They have no way out of the networks of the lab: a mirror or a cache on this machine, by its address in lab_management_network.',
    },
    lab_region: { means: 'Name of the OpenStack region.', delivered: 'RegionOne' },
    'lab_management_network.cidr': {
      means: 'The network of ssh, APIs, database and message queue: eth0 of every node.',
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
      means: "A second provider network, tagged on eth1. Left out, and said so, where the nodes' kernel has no VLANs.",
      without: 'no such network',
    },
    'lab_vlan_network.name': { means: 'Its name in OpenStack.', delivered: 'provider-vlan' },
    'lab_vlan_network.vlan_id': { means: 'The tag; outside lab_tenant_vlans.', unit: 'VLAN ID', delivered: 101 },
    'lab_vlan_network.cidr': { means: 'The subnet.', delivered: '192.0.2.0/24' },
    'lab_vlan_network.host_address': { means: "This machine's own address in it.", delivered: '192.0.2.1' },
    ...prefixed('lab_vlan_network', pool('192.0.2.101', '192.0.2.250')),
    'lab_tenant_vlans.first': {
      means: 'First VLAN ID that Neutron may give to networks which users make.',
      unit: 'VLAN ID',
      delivered: 200,
    },
    'lab_tenant_vlans.last': { means: 'The last one.', unit: 'VLAN ID', delivered: 299 },
    ...prefixed('lab_services', byService(serviceNote)),
    lab_volume_backup: {
      means:
        "Backups of volumes (cinder-backup), kept in a folder of the controller: as large as what they hold, compressed. Takes about 140 MiB of the controller's memory. Needs cinder.",
      delivered: false,
      without: 'false',
    },
    lab_api_workers: {
      means:
        "Worker processes of each API service. Each takes about 120 MiB of the controller's memory, one more of all seven 898 MiB; refused where they do not fit.",
      unit: 'processes',
      delivered: 1,
    },
    lab_config_overrides: {
      means:
        'Settings of your own, merged over what a service writes: path on the node, section, key, value; a list repeats its key. A change restarts that service alone. What the packages of this release do not know is refused where it is near to what they know, and named by up otherwise.',
      without: 'none',
    },
    'lab_cloud.flavor.name': { means: 'Name of the flavor of the test instance.', delivered: 'm1.nano' },
    'lab_cloud.flavor.vcpus': {
      means: 'Its virtual CPUs; not more than a compute node has.',
      unit: 'CPUs',
      delivered: 1,
    },
    'lab_cloud.flavor.ram_mib': {
      means: 'Its memory; not more than Nova offers on a compute node, which is less than the node has.',
      unit: 'MiB',
      delivered: 256,
    },
    'lab_cloud.flavor.disk_gib': { means: 'Its root disk; less than a compute node has.', unit: 'GiB', delivered: 1 },
    'lab_cloud.server_name': { means: 'Name of the test instance, which is its hostname too.', delivered: 'test' },
    'lab_cloud.volume_gib': {
      means: "Size of the volume attached to it; less than the storage nodes' second disk.",
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
    'lab_demo_quota.cores': { means: 'Their virtual CPUs together.', unit: 'CPUs', delivered: 4 },
    'lab_demo_quota.ram_mib': { means: 'Their memory together.', unit: 'MiB', delivered: 2048 },
    'lab_demo_quota.volumes': { means: 'Volumes that the demo project may have, and as many snapshots.', delivered: 4 },
    'lab_demo_quota.volume_gib': { means: 'Their size together.', unit: 'GiB', delivered: 10 },
  },
  controller: {
    vcpus: { means: 'Virtual CPUs of the controller.', unit: 'CPUs', delivered: 2 },
    memory_mib: {
      means: 'Memory of the controller. All services together use 4.5 GiB after an hour.',
      unit: 'MiB',
      delivered: 6144,
    },
    disk_gib: { means: "System disk; grows as it is written, holds Glance's images too.", unit: 'GiB', delivered: 20 },
  },
  compute: {
    vcpus: { means: 'Virtual CPUs of a compute node.', unit: 'CPUs', delivered: 2 },
    memory_mib: {
      means: 'Memory of a compute node. About 1 GiB is its own, the rest is for instances.',
      unit: 'MiB',
      delivered: 3072,
    },
    disk_gib: {
      means: "System disk; grows as it is written, holds the instances' root disks too.",
      unit: 'GiB',
      delivered: 20,
    },
  },
  storage: {
    volume_disk_gib: {
      means: 'The empty second disk that Cinder cuts into volumes. Only on VMs; containers have none.',
      unit: 'GiB',
      delivered: 10,
    },
    volume_provisioning: {
      means:
        'How a volume takes room from that disk: thin, as it is written, or thick, all of it at once. Fixed when the first volume is made.',
      delivered: 'thin',
    },
  },
}

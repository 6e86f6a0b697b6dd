/** Turns the checked files of ansible-vars/ into the Declaration. */

import { adviseOverrides } from './across-overrides.ts'
import type { Declaration, DeclaredNode, DeclaredVlan, Place } from './declaration.ts'
import type { DeclarationFiles } from './files-of-declaration.ts'
import { type Lab, type Role, roles } from './lab.ts'
import type { AllVars, GroupVars, HostVars, Inventory, StorageVars } from './schema.ts'
import type { Path, Source } from './source.ts'

/** Only for files without findings. */
export function composeDeclaration(files: DeclarationFiles): Declaration {
  const all = files.all.value!
  const { lab_management_network: management, lab_provider_network: provider, lab_vlan_network: vlan } = all
  const image = all.lab_node_image
  return {
    name: all.lab_name,
    region: all.lab_region,
    hypervisor: all.lab_hypervisor,
    isolation: all.lab_isolation,
    ...(image
      ? { stockImage: { source: image.source, checksum: image.checksum, packageSources: image.package_sources } }
      : {}),
    networks: {
      management: { cidr: management.cidr, hostAddress: management.host_address },
      provider: { cidr: provider.cidr, hostAddress: provider.host_address },
      ...(vlan ? { vlan: vlanOf(vlan) } : {}),
      vlanRange: [all.lab_tenant_vlans.first, all.lab_tenant_vlans.last],
    },
    networking: all.lab_networking,
    ...(all.lab_outbound ? { outbound: { deny: all.lab_outbound_deny } } : {}),
    ...(all.lab_dns ? { dns: all.lab_dns } : {}),
    providerPool: { start: provider.pool_start, end: provider.pool_end },
    nodes: nodesOf(files.hosts.value!.all.children, {
      controller: files.controller.value!,
      compute: files.compute.value!,
      storage: files.storage.value!,
    }),
    services: all.lab_services,
    volumeProvisioning: files.storage.value!.volume_provisioning,
    volumeBackup: all.lab_volume_backup,
    ...(all.lab_checkpoint ? { checkpoint: true } : {}),
    apiWorkers: all.lab_api_workers,
    configOverrides: overridesOf(files.all.source, all),
    cloud: cloudOf(all),
    places: placesOf(files.all.source),
    nodePlaces: nodePlacesOf(files),
    advice: adviseOverrides(files.all),
  }
}

function vlanOf(declared: NonNullable<AllVars['lab_vlan_network']>): DeclaredVlan {
  const { name, vlan_id: vlanId, cidr, host_address: hostAddress, pool_start: start, pool_end: end } = declared
  return { name, vlanId, cidr, hostAddress, pool: { start, end } }
}

interface Groups {
  controller: GroupVars
  compute: GroupVars
  storage: StorageVars
}

/** The controller first, then the compute nodes in the order of the inventory, then separate storage nodes. */
function nodesOf(inventory: Inventory, groups: Groups): DeclaredNode[] {
  const storage = inventory.storage?.hosts ?? {}
  const nodes = (['controller', 'compute'] as const).flatMap((role) =>
    Object.entries(inventory[role].hosts).map(([name, vars]) => {
      const roles: Role[] = Object.hasOwn(storage, name) ? [role, 'storage'] : [role]
      return nodeOf(name, roles, vars, { ...groups[role], ...groups.storage })
    }),
  )
  const own = Object.entries(storage).filter(([name]) => !nodes.some((node) => node.name === name))
  // Its sizes are set at the node itself; across-nodes.ts has checked this.
  return [...nodes, ...own.map(([name, vars]) => nodeOf(name, ['storage'], vars as HostVars, groups.storage))]
}

function nodeOf(name: string, roles: Role[], vars: HostVars, group: Partial<GroupVars> & StorageVars): DeclaredNode {
  return {
    name,
    roles,
    address: vars.ansible_host,
    vcpus: (vars.vcpus ?? group.vcpus)!,
    memoryMiB: (vars.memory_mib ?? group.memory_mib)!,
    diskGiB: (vars.disk_gib ?? group.disk_gib)!,
    volumeDiskGiB: roles.includes('storage') ? (vars.volume_disk_gib ?? group.volume_disk_gib) : 0,
  }
}

/** A list repeats its key. Numbers and booleans as they are in the file: `1.10` stays 1.10, `0640` stays 0640, `yes` stays yes. */
function overridesOf(source: Source, { lab_config_overrides = {} }: AllVars): Lab['configOverrides'] {
  const map = <From, To>(mapping: Record<string, From>, turn: (value: From, key: string) => To) =>
    Object.fromEntries(Object.entries(mapping).map(([key, value]) => [key, turn(value, key)]))
  return map(lab_config_overrides, (sections, path) =>
    map(sections, (keys, section) =>
      map(keys, (value, key) => {
        const place = ['lab_config_overrides', path, section, key]
        if (!Array.isArray(value)) return asWritten(source, value, place)
        return value.map((item, index) => asWritten(source, item, [...place, index]))
      }),
    ),
  )
}

const asWritten = (source: Source, value: unknown, place: Path) =>
  typeof value === 'string' ? value : source.written(place)!

function cloudOf({ lab_cloud, lab_demo_quota, lab_open_ports }: AllVars): Declaration['cloud'] {
  const { flavor, server_name, volume_gib } = lab_cloud
  return {
    flavor: { name: flavor.name, vcpus: flavor.vcpus, ramMiB: flavor.ram_mib, diskGiB: flavor.disk_gib },
    server: { name: server_name },
    volumeGiB: volume_gib,
    demoQuota: {
      instances: lab_demo_quota.instances,
      cores: lab_demo_quota.cores,
      ramMiB: lab_demo_quota.ram_mib,
      volumes: lab_demo_quota.volumes,
      volumeGiB: lab_demo_quota.volume_gib,
    },
    ports: lab_open_ports,
  }
}

function placesOf(source: Source): Record<Place, string> {
  return {
    name: source.place(['lab_name']),
    region: source.place(['lab_region']),
    hypervisor: source.place(['lab_hypervisor']),
    isolation: source.place(['lab_isolation']),
    nodeImage: source.place(['lab_node_image', 'checksum']),
    management: source.place(['lab_management_network', 'cidr']),
    provider: source.place(['lab_provider_network', 'cidr']),
    vlan: source.place(['lab_vlan_network', 'cidr']),
    networking: source.place(['lab_networking']),
    dashboard: source.place(['lab_open_ports', 'dashboard']),
    console: source.place(['lab_open_ports', 'console']),
  }
}

/** A storage node that is also in another group keeps its place there. */
function nodePlacesOf({ hosts }: DeclarationFiles): Record<string, string> {
  const places = roles.toReversed().flatMap((group) => {
    const path = ['all', 'children', group, 'hosts']
    return (hosts.keys(...path) ?? []).map((name) => [name, hosts.source.place([...path, name], 'key')] as const)
  })
  return Object.fromEntries(places)
}

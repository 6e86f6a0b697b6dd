/** What must hold between the inventory and the rest: roles, addresses of nodes, and what the test cloud needs of them. */

import type { Finding } from '../errors.ts'
import { formatAddress, isUsable, parseAddress, parseSubnet } from './addresses.ts'
import type { Field } from './check.ts'
import type { DeclarationFiles } from './files-of-declaration.ts'
import { type Role, roles } from './lab.ts'

interface Host {
  name: string
  group: Role
  where: string
}

/** Hosts of a group whose names are right. */
function hostsIn({ hosts }: DeclarationFiles, group: Role): Host[] {
  const path = ['all', 'children', group, 'hosts']
  return hosts.names(...path).map((name) => ({ name, group, where: hosts.source.place([...path, name], 'key') }))
}

const isIn = (hosts: readonly Host[], name: string) => hosts.some((host) => host.name === name)

export function checkNodes(files: DeclarationFiles): Finding[] {
  if (!files.hosts.source.data) return []
  const [controllers, computes, storage] = roles.map((role) => hostsIn(files, role)) as [Host[], Host[], Host[]]
  return [
    ...checkRoles(files, controllers, computes),
    ...checkStorage(files, [...controllers, ...computes], storage),
    ...checkAddresses(files, [...controllers, ...computes]),
    ...checkVolume(files, storage),
    ...computes.flatMap((host) => checkFlavor(files, host)),
  ]
}

function checkRoles({ hosts }: DeclarationFiles, controllers: readonly Host[], computes: readonly Host[]): Finding[] {
  const absent = (group: Role, allowed: string): Finding[] => {
    const path = ['all', 'children', group]
    // A group that is itself wrong has its finding already.
    if (hosts.findings.some(({ given }) => given.startsWith(`${group}`))) return []
    return [{ where: hosts.source.place(path, 'key'), given: `no node in the group ${group}`, allowed }]
  }
  return [
    ...(controllers.length === 0 && !hasWrongNames(hosts, 'controller')
      ? absent('controller', 'exactly one controller')
      : []),
    ...controllers.slice(1).map(({ where, name }) => {
      return { where, given: `a second controller: ${name}`, allowed: 'exactly one controller' }
    }),
    ...(computes.length === 0 && !hasWrongNames(hosts, 'compute')
      ? absent('compute', 'at least one compute node')
      : []),
    ...computes
      .filter(({ name }) => isIn(controllers, name))
      .map(({ where, name }) => {
        const allowed = 'a node of its own for compute: both roles write the same files, as in the install guide'
        return { where, given: `${name} is the controller too`, allowed }
      }),
  ]
}

/** A misspelt name has its finding: the group is not empty. */
function hasWrongNames({ source, names }: DeclarationFiles['hosts'], group: Role): boolean {
  const path = ['all', 'children', group, 'hosts']
  const written = source.written(path)
  return names(...path).length === 0 && written !== undefined && written !== '' && written !== '{}'
}

function checkStorage(files: DeclarationFiles, nodes: readonly Host[], storage: readonly Host[]): Finding[] {
  const { all, hosts } = files
  const unknown = storage
    .filter(({ name }) => !isIn(nodes, name))
    .map(({ where, name }): Finding => {
      const allowed = `a node that stands in controller or compute: ${nodes.map((node) => node.name).join(', ')}`
      return { where, given: `${name} in the group storage`, allowed }
    })
  const misplaced = nodes.flatMap(({ name, group }): Finding[] => {
    const field = hosts.field<number>('all', 'children', group, 'hosts', name, 'volume_disk_gib')
    if (!field || isIn(storage, name)) return []
    return [{ where: field.where, given: field.given, allowed: 'only on a node that is in the group storage too' }]
  })
  const cinder = all.field<boolean>('lab_services', 'cinder')
  if (storage.length > 0 || cinder?.value !== true || hasWrongNames(hosts, 'storage')) return [...unknown, ...misplaced]
  const remedy = 'add a node to the group storage in ansible-vars/hosts.yml, or write false'
  const allowed = 'true only where the group storage has a node'
  return [...misplaced, { where: cinder.where, given: cinder.given, allowed, remedy }]
}

function checkAddresses({ all, hosts }: DeclarationFiles, nodes: readonly Host[]): Finding[] {
  const cidr = all.field<string>('lab_management_network', 'cidr')
  const own = all.field<string>('lab_management_network', 'host_address')
  const subnet = cidr && parseSubnet(cidr.value)
  const taken = new Map<string, string>(own ? [[own.value, "this machine's own (host_address)"]] : [])
  return nodes.flatMap(({ name, group }): Finding[] => {
    const field = hosts.field<string>('all', 'children', group, 'hosts', name, 'ansible_host')
    if (!field) return []
    const { where, given, value } = field
    const other = taken.get(value)
    if (other === name) return []
    taken.set(value, other ?? name)
    if (other) return [{ where, given, allowed: `an address that is not taken: this one is ${other}` }]
    if (!subnet || isUsable(subnet, parseAddress(value)!)) return []
    const span = `${formatAddress(subnet.first + 1)} to ${formatAddress(subnet.last - 1)}`
    return [{ where, given, allowed: `an address in lab_management_network.cidr: ${span}` }]
  })
}

/** A size of a node: its own where given, else its group's. */
function sizeOf(files: DeclarationFiles, host: Host, key: string): number | undefined {
  const path = ['all', 'children', host.group, 'hosts', host.name, key]
  if (files.hosts.source.written(path) !== undefined) return files.hosts.field<number>(...path)?.value
  return files[host.group].field<number>(key)?.value
}

function checkFlavor(files: DeclarationFiles, host: Host): Finding[] {
  const checkSize = (flavorKey: string, nodeKey: string, fits: (flavor: number, node: number) => boolean) => {
    const flavor = files.all.field<number>('lab_cloud', 'flavor', flavorKey)
    const size = sizeOf(files, host, nodeKey)
    return flavor && size !== undefined && !fits(flavor.value, size) ? [tooLarge(flavor, host.name, nodeKey, size)] : []
  }
  return [
    ...checkSize('vcpus', 'vcpus', (flavor, node) => flavor <= node),
    ...checkSize('ram_mib', 'memory_mib', (flavor, node) => flavor < node),
    ...checkSize('disk_gib', 'disk_gib', (flavor, node) => flavor < node),
  ]
}

function tooLarge({ where, given }: Field<number>, node: string, key: string, size: number): Finding {
  return { where, given, allowed: `what fits on every compute node: ${node} has ${key}: ${size}` }
}

function checkVolume(files: DeclarationFiles, storage: readonly Host[]): Finding[] {
  const volume = files.all.field<number>('lab_cloud', 'volume_gib')
  const sizes = storage.flatMap(({ name }) => {
    const size = (['controller', 'compute'] as const)
      .map((group) => files.hosts.field<number>('all', 'children', group, 'hosts', name, 'volume_disk_gib')?.value)
      .find((own) => own !== undefined)
    return size ?? files.storage.field<number>('volume_disk_gib')?.value ?? []
  })
  const largest = Math.max(...sizes)
  if (!volume || sizes.length === 0 || volume.value < largest) return []
  const allowed = `less than the largest second disk of a storage node (volume_disk_gib: ${largest})`
  return [{ where: volume.where, given: volume.given, allowed }]
}

/** Checks across the nodes of the inventory: names, groups and addresses. For their sizes see across-sizes.ts. */

import { isUsable, parseAddress, parseSubnet, spanOf } from './addresses.ts'
import type { Field } from './check.ts'
import type { Finding } from './errors.ts'
import type { DeclarationFiles } from './files-of-declaration.ts'
import { type Role, roles } from './lab.ts'
import { nearestTo } from './nearest.ts'
import { labelRule } from './schema.ts'

export interface Host {
  name: string
  group: Role
  /** The position of its name. */
  where: string
}

/** The hosts of each group in the inventory, valid or not; undefined if a group cannot be read. */
export function readHosts({ hosts }: DeclarationFiles): Record<Role, Host[]> | undefined {
  const groups = hosts.keys('all', 'children') ?? []
  const mistyped = groups.filter((name) => !roles.includes(name as Role) && nearestTo(name, roles))
  if (groups.length === 0 || mistyped.length > 0) return undefined
  const read = (group: Role) => {
    const path = ['all', 'children', group, 'hosts']
    return hosts.keys(...path)?.map((name) => ({ name, group, where: hosts.source.place([...path, name], 'key') }))
  }
  const [controller, compute, storage] = roles.map(read)
  return controller && compute && storage ? { controller, compute, storage } : undefined
}

/** A value of a host: its own, not its group's. */
export function fieldOf<Value>({ hosts }: DeclarationFiles, host: Host, key: string): Field<Value> | undefined {
  return hosts.field<Value>('all', 'children', host.group, 'hosts', host.name, key)
}

export function checkNodes(files: DeclarationFiles): Finding[] {
  const hosts = readHosts(files)
  if (!hosts) return []
  const nodes = [...hosts.controller, ...hosts.compute]
  const ownStorage = hosts.storage.filter(({ name }) => !isIn(nodes, name))
  return [
    ...[...nodes, ...hosts.storage].flatMap(checkName),
    ...checkRoles(files, hosts),
    ...checkStorage(files, nodes, hosts.storage),
    ...checkAddresses(files, [...nodes, ...ownStorage]),
  ]
}

/** Names that mean something else where a node's name is used: in Ansible, in /etc/hosts, in our own messages. */
const words = ['all', 'host', 'ip6-localhost', 'ip6-loopback', 'localhost', 'ungrouped']
/**
 * Constructs of the stack `nodes`, in which a node's construct has its name: the state's backend, the provider, the
 * sweep, and the image's disk `image_root` next to `<node>_root`. Existing states refer to these names, so they cannot
 * change, and the node needs another name.
 */
const constructs = ['backend', 'image', 'lab', 'libvirt']
export const reservedNames: readonly string[] = [...words, ...constructs].sort()

function checkName({ name, where, group }: Host): Finding[] {
  const given = `${group}.hosts: the node name ${JSON.stringify(name)}`
  if (!labelRule.pattern.test(name)) return [{ where, given, allowed: labelRule.allowed }]
  return reservedNames.includes(name)
    ? [{ where, given, allowed: `a name other than ${reservedNames.join(', ')}` }]
    : []
}

function checkRoles({ hosts }: DeclarationFiles, { controller, compute }: Record<Role, Host[]>): Finding[] {
  const findings: Finding[] = []
  const demand = (group: Role, found: readonly Host[], allowed: string) => {
    const where = hosts.source.place(['all', 'children', group], 'key')
    // A name that was already rejected in the text is not among the keys.
    if (found.length === 0 && hosts.source.findings.length === 0)
      findings.push({ where, given: `no node in the group ${group}`, allowed })
  }
  demand('controller', controller, 'exactly one controller')
  demand('compute', compute, 'at least one compute node')
  for (const { where, name } of controller.slice(1)) {
    findings.push({ where, given: `a second controller: ${name}`, allowed: 'exactly one controller' })
  }
  const ownNode = 'another node for compute: both roles write the same files, as in the install guide'
  for (const { where, name } of compute.filter((host) => isIn(controller, host.name))) {
    findings.push({ where, given: `${name} is also in the group controller`, allowed: ownNode })
  }
  return findings
}

const isIn = (hosts: readonly Host[], name: string) => hosts.some((host) => host.name === name)

function checkStorage(files: DeclarationFiles, nodes: readonly Host[], storage: readonly Host[]): Finding[] {
  const findings = storage.flatMap((host) =>
    isIn(nodes, host.name) ? checkShared(files, host) : checkOwn(files, host, nodes),
  )
  for (const host of nodes.filter(({ name }) => !isIn(storage, name))) {
    const field = fieldOf<number>(files, host, 'volume_disk_gib')
    if (field) findings.push({ ...placed(field), allowed: 'only on a node that is also in the group storage' })
  }
  const cinder = files.all.field<boolean>('lab_services', 'cinder')
  if (storage.length === 0 && cinder?.value) {
    const remedy = 'add a node to the group storage in ansible-vars/hosts.yml, or write false'
    findings.push({ ...placed(cinder), allowed: 'true only if the group storage has a node', remedy })
  }
  const backup = files.all.field<boolean>('lab_volume_backup')
  if (backup?.value && cinder?.value === false) {
    const remedy = 'write false, or cinder: true in lab_services'
    findings.push({ ...placed(backup), allowed: 'true only if cinder is on', remedy })
  }
  return findings
}

const ownKeys = ['ansible_host', 'vcpus', 'memory_mib', 'disk_gib']

/** A node of another group has its settings there; here they would be duplicates. */
function checkShared(files: DeclarationFiles, host: Host): Finding[] {
  return [...ownKeys, 'volume_disk_gib'].flatMap((key): Finding[] => {
    const field = fieldOf(files, host, key)
    const allowed = "no settings here: write them at this node's entry in controller or compute"
    return field ? [{ ...placed(field), allowed }] : []
  })
}

/** A separate storage node has no group from which it could take its sizes. */
function checkOwn(files: DeclarationFiles, host: Host, nodes: readonly Host[]): Finding[] {
  const missing = ownKeys.filter(
    (key) => !files.hosts.keys('all', 'children', 'storage', 'hosts', host.name)?.includes(key),
  )
  if (missing.length === 0) return []
  const known = [...new Set(nodes.map(({ name }) => name))].join(', ')
  const given = `storage.hosts: ${host.name} without ${missing.join(', ')}`
  return [
    {
      where: host.where,
      given,
      allowed: `a node of the groups above (${known}), or a separate node with ${ownKeys.join(', ')}`,
    },
  ]
}

const placed = ({ where, given }: Field<unknown>) => ({ where, given })

function checkAddresses(files: DeclarationFiles, nodes: readonly Host[]): Finding[] {
  const cidr = files.all.field<string>('lab_management_network', 'cidr')
  const own = files.all.field<string>('lab_management_network', 'host_address')
  const subnet = cidr && parseSubnet(cidr.value)
  const owners = new Map<string, string>(own ? [[own.value, "this machine's own (host_address)"]] : [])
  return nodes.flatMap((host): Finding[] => {
    const field = fieldOf<string>(files, host, 'ansible_host')
    if (!field) return []
    const owner = owners.get(field.value)
    if (owner) return [{ ...placed(field), allowed: `an address that is not in use: this one is ${owner}` }]
    owners.set(field.value, `that of ${host.name}`)
    if (!subnet || isUsable(subnet, parseAddress(field.value)!)) return []
    return [{ ...placed(field), allowed: `an address in lab_management_network.cidr: ${spanOf(subnet)}` }]
  })
}

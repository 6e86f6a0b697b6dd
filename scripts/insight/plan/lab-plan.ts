/** A lab before it exists, as data: what the declaration would create on this machine. Pure. */

import { listenersOf, ports } from '../../declaration/endpoints.ts'
import { controllerOf, type Lab, type LabNode, nodesWith } from '../../declaration/lab.ts'
import type { Secrets } from '../../declaration/secret-names.ts'
import type { Service } from '../../engine/service.ts'
import { enabledServices, serviceOf } from '../../services/index.ts'
import { registeredOf } from '../../services/registered.ts'

export interface PlannedInterface {
  name: 'eth0' | 'eth1'
  network: string
  /** Null on the provider network: only instances have addresses there. */
  address: string | null
  /** Null until the first `up` has chosen the lab's id. */
  mac: string | null
}

export interface PlannedNode {
  name: string
  roles: readonly string[]
  vcpus: number
  memoryMiB: number
  diskGiB: number
  volumeDiskGiB: number
  interfaces: PlannedInterface[]
}

export interface PlannedNetwork {
  name: string
  kind: 'management' | 'provider' | 'vlan'
  cidr: string
  /** This machine's own address in the network. */
  hostAddress: string | null
  /** Null until the first `up`. */
  bridge: string | null
  /** First and last address for instances. */
  pool: readonly [string, string] | null
  /** The VLAN tag, on the provider network's wire. */
  vlan: number | null
}

export interface PlannedService {
  name: string
  /** Starts when these are ready. */
  needs: readonly string[]
  /** Which of its units run on each node. */
  nodes: { node: string; units: string[]; ports: number[] }[]
  databases: string[]
  /** In Keystone, project `service`. */
  users: string[]
  endpoints: { type: string; url: string }[]
}

export interface LabPlan {
  name: string
  /** Null until the first `up`. */
  id: string | null
  hypervisor: string
  isolation: string
  /** Where the nodes' image comes from; null: the lab's own image. */
  stockImage: string | null
  nodes: PlannedNode[]
  networks: PlannedNetwork[]
  services: PlannedService[]
  /** What is created in the finished cloud. */
  cloud: { instance: string; flavor: string; volumeGiB: number }
  totals: { vcpus: number; memoryMiB: number; diskGiB: number }
}

/** `exists`: the lab already has its id, and therefore MAC addresses and bridges. */
export function planLab(lab: Lab, secrets: Secrets, exists: boolean): LabPlan {
  const services = enabledServices(lab).map((name) => serviceOf(lab, secrets, name))
  const sum = (value: (node: LabNode) => number) => lab.nodes.reduce((total, node) => total + value(node), 0)
  return {
    name: lab.name,
    id: exists ? lab.id : null,
    hypervisor: lab.hypervisor,
    isolation: lab.isolation,
    stockImage: lab.stockImage?.source ?? null,
    nodes: lab.nodes.map((node) => planNode(node, lab, exists)),
    networks: planNetworks(lab, exists),
    services: services.map((service) => planService(service, lab)),
    cloud: {
      instance: lab.cloud.server.name,
      flavor: lab.cloud.flavor.name,
      volumeGiB: lab.services.cinder ? lab.cloud.volumeGiB : 0,
    },
    totals: {
      vcpus: sum(({ vcpus }) => vcpus),
      memoryMiB: sum(({ memoryMiB }) => memoryMiB),
      diskGiB: sum(({ diskGiB, volumeDiskGiB }) => diskGiB + volumeDiskGiB),
    },
  }
}

function planNode(node: LabNode, lab: Lab, exists: boolean): PlannedNode {
  const { name, roles, vcpus, memoryMiB, diskGiB, volumeDiskGiB, address, macs } = node
  const { management, provider } = lab.networks
  return {
    name,
    roles,
    vcpus,
    memoryMiB,
    diskGiB,
    volumeDiskGiB,
    interfaces: [
      { name: 'eth0', network: management.name, address, mac: exists ? macs.management : null },
      { name: 'eth1', network: provider.name, address: null, mac: exists ? macs.provider : null },
    ],
  }
}

function planNetworks(lab: Lab, exists: boolean): PlannedNetwork[] {
  const { management, provider, vlan } = lab.networks
  const bridge = (name: string) => (exists ? name : null)
  const { start, end } = lab.providerPool
  return [
    {
      name: management.name,
      kind: 'management',
      cidr: management.cidr,
      hostAddress: management.hostAddress,
      bridge: bridge(management.bridge),
      pool: null,
      vlan: null,
    },
    {
      name: provider.name,
      kind: 'provider',
      cidr: provider.cidr,
      hostAddress: provider.hostAddress,
      bridge: bridge(provider.bridge),
      pool: [start, end],
      vlan: null,
    },
    ...(vlan
      ? [
          {
            name: vlan.name,
            kind: 'vlan' as const,
            cidr: vlan.cidr,
            hostAddress: vlan.hostAddress,
            bridge: bridge(vlan.interface),
            pool: [vlan.pool.start, vlan.pool.end] as const,
            vlan: vlan.vlanId,
          },
        ]
      : []),
  ]
}

function planService(service: Service, lab: Lab): PlannedService {
  const { name, needs, databases = [], parts } = service
  const listening = listenersOf[name].map((listener) => ports[listener])
  const controller = controllerOf(lab)
  const nodes = lab.nodes.flatMap((node) => {
    const here = parts.filter((part) => nodesWith(lab, part.on).includes(node))
    const units = [...new Set(here.flatMap((part) => part.units))]
    return here.length > 0 ? [{ node: node.name, units, ports: node === controller ? listening : [] }] : []
  })
  const { users, entries } = registeredOf(service, lab)
  return {
    name,
    needs,
    nodes,
    databases: databases.map((database) => database.name),
    users,
    endpoints: entries.map(({ type, url }) => ({ type, url: url.replace(/\/$/, '') })),
  }
}

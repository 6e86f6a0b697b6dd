/** What the lab offers to a class: what Placement, Neutron and Cinder have, without what others use now. */

import type { CloudClient } from '../cloud/client.ts'
import { parseAddress } from '../declaration/addresses.ts'
import { NotReadyError } from '../declaration/errors.ts'
import { isSelfService, type Lab } from '../declaration/lab.ts'
import type { Flavor, Offer } from './share.ts'

/** Usages of one project, and providers without a trait. */
const headers = { 'OpenStack-API-Version': 'placement 1.22' }

type Amounts = Record<string, number>
interface Inventory {
  total: number
  reserved: number
  allocation_ratio: number
}

const add = (sum: Amounts, more: Amounts, sign = 1) => {
  for (const [key, amount] of Object.entries(more)) sum[key] = (sum[key] ?? 0) + sign * amount
}

/** By resource class, of the compute nodes that are enabled. `own`: projects whose use counts as free. */
async function readCompute(cloud: CloudClient, own: readonly string[]): Promise<Amounts> {
  const get = <T>(path: string) => cloud.get<T>('placement', path, { headers })
  type Providers = { resource_providers: { uuid: string }[] }
  const { resource_providers: providers } = await get<Providers>(
    '/resource_providers?required=!COMPUTE_STATUS_DISABLED',
  )
  const free: Amounts = {}
  for (const { uuid } of providers) {
    const path = `/resource_providers/${uuid}`
    const [{ inventories }, { usages }] = await Promise.all([
      get<{ inventories: Record<string, Inventory> }>(`${path}/inventories`),
      get<{ usages: Amounts }>(`${path}/usages`),
    ])
    for (const [key, { total, reserved, allocation_ratio: ratio }] of Object.entries(inventories)) {
      add(free, { [key]: Math.floor((total - reserved) * ratio) })
    }
    add(free, usages, -1)
  }
  for (const project of own) add(free, (await get<{ usages: Amounts }>(`/usages?project_id=${project}`)).usages)
  return free
}

interface Port {
  project_id: string
  device_id: string
  fixed_ips: { subnet_id: string }[]
}
interface Subnet {
  id: string
  network_id: string
  ip_version: number
  allocation_pools: { start: string; end: string }[]
}

/** A router's port on the shared network, and that of a floating IP, bear no project: what they are of does. */
async function readOwnDevices(cloud: CloudClient, lab: Lab, own: ReadonlySet<string>): Promise<Set<string>> {
  if (!isSelfService(lab)) return new Set()
  type Devices = Record<string, { id: string; project_id: string }[]>
  const lists = await Promise.all(
    ['routers', 'floatingips'].map(async (kind) => (await cloud.get<Devices>('network', `/v2.0/${kind}`))[kind] ?? []),
  )
  return new Set(lists.flat().flatMap(({ id, project_id }) => (own.has(project_id) ? [id] : [])))
}

const sizeOf = ({ allocation_pools: pools }: Subnet) =>
  pools.reduce((sum, { start, end }) => sum + parseAddress(end)! - parseAddress(start)! + 1, 0)

/** Of the shared network that has the fewest left. */
async function readAddresses(cloud: CloudClient, lab: Lab, own: ReadonlySet<string>): Promise<number> {
  const [{ networks }, { subnets }, { ports }, devices] = await Promise.all([
    cloud.get<{ networks: { id: string }[] }>('network', '/v2.0/networks?shared=true'),
    cloud.get<{ subnets: Subnet[] }>('network', '/v2.0/subnets?ip_version=4'),
    cloud.get<{ ports: Port[] }>('network', '/v2.0/ports'),
    readOwnDevices(cloud, lab, own),
  ])
  const others = ports.filter(({ project_id, device_id }) => !own.has(project_id) && !devices.has(device_id))
  const free = networks.map(({ id }) => {
    const here = subnets.filter((one) => one.network_id === id)
    const used = others.flatMap((port) => port.fixed_ips).filter((ip) => here.some((one) => one.id === ip.subnet_id))
    return here.reduce((sum, one) => sum + sizeOf(one), 0) - used.length
  })
  return Math.max(0, Math.min(...free))
}

interface Pool {
  capabilities: { total_capacity_gb: number | string; free_capacity_gb: number | string }
}
type Sizes = Record<string, { size: number; [project: string]: unknown }[]>

/** GiB: neither more than is free now, nor more than others' volumes leave when they are full. */
async function readVolumes(cloud: CloudClient, own: ReadonlySet<string>): Promise<number> {
  const [{ pools }, { volumes = [] }] = await Promise.all([
    cloud.get<{ pools: Pool[] }>('volumev3', '/scheduler-stats/get_pools?detail=true'),
    cloud.get<Sizes>('volumev3', '/volumes/detail?all_tenants=1'),
  ])
  const sum = (key: keyof Pool['capabilities']) =>
    pools.reduce((all, { capabilities }) => all + (Number(capabilities[key]) || 0), 0)
  const others = volumes.filter((one) => !own.has(`${one['os-vol-tenant-attr:tenant_id']}`))
  const taken = others.reduce((all, { size }) => all + size, 0)
  return Math.max(0, Math.floor(Math.min(sum('total_capacity_gb') - taken, sum('free_capacity_gb'))))
}

/** `projects`: those of the class, whose own use is theirs to keep. */
export async function readOffer(cloud: CloudClient, lab: Lab, projects: readonly string[]): Promise<Offer> {
  const own = new Set(projects)
  const [compute, addresses, volumeGiB] = await Promise.all([
    readCompute(cloud, projects),
    readAddresses(cloud, lab, own),
    lab.services.cinder ? readVolumes(cloud, own) : undefined,
  ])
  const of = (key: string) => Math.max(0, compute[key] ?? 0)
  const offer = { vcpus: of('VCPU'), memoryMiB: of('MEMORY_MB'), diskGiB: of('DISK_GB'), addresses }
  return volumeGiB === undefined ? offer : { ...offer, volumeGiB }
}

/** The smallest that every project may use. */
export async function readSmallestFlavor(cloud: CloudClient): Promise<Flavor> {
  type Listed = { name: string; vcpus: number; ram: number; disk: number }
  const { flavors } = await cloud.get<{ flavors: Listed[] }>('compute', '/flavors/detail?is_public=True')
  const [found] = flavors.toSorted((a, b) => a.ram - b.ram)
  if (!found) throw new NotReadyError('a flavor for all projects', 0, 'there is none', './lab up')
  const { name, vcpus, ram, disk } = found
  return { name, vcpus, ramMiB: ram, diskGiB: disk }
}

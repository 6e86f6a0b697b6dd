/** What a project may have at most: the quotas of Nova, Neutron and Cinder, set and read with what is used. */

import { isSelfService, type Lab } from '../declaration/lab.ts'
import type { CloudClient } from './client.ts'

export interface ProjectLimits {
  instances: number
  cores: number
  memoryMiB: number
  ports: number
  /** A project's own; subnets twice as many. */
  networks: number
  /** Only where there are routers. */
  routers?: number
  floatingIps?: number
  /** Only where there is Cinder. Snapshots and backups as many as volumes. */
  volumes?: number
  /** Volumes and snapshots together; backups as much again. */
  volumeGiB?: number
}

type LimitName = keyof ProjectLimits
type SomeServices = Pick<Lab, 'services' | 'networking'>

/** The names of the services for them. */
const novaNames = { instances: 'instances', cores: 'cores', memoryMiB: 'ram' } as const
const neutronNames = { ports: 'port', networks: 'network', routers: 'router', floatingIps: 'floatingip' } as const
const cinderNames = { volumes: 'volumes', volumeGiB: 'gigabytes' } as const

/** A limit below what is used already is accepted: nothing is taken away, and nothing more can be made. */
export async function setLimits(cloud: CloudClient, project: string, limits: ProjectLimits): Promise<void> {
  const { instances, cores, memoryMiB, ports, networks, routers, floatingIps, volumes, volumeGiB } = limits
  const nova = { instances, cores, ram: memoryMiB, force: true }
  const routing = routers === undefined ? {} : { router: routers, floatingip: floatingIps }
  const neutron = { port: ports, network: networks, subnet: 2 * networks, ...routing }
  await cloud.put('compute', `/os-quota-sets/${project}`, { body: { quota_set: nova } })
  await cloud.put('network', `/v2.0/quotas/${project}`, { body: { quota: neutron } })
  if (volumes === undefined) return
  const copies = { snapshots: volumes, backups: volumes, backup_gigabytes: volumeGiB }
  const cinder = { volumes, gigabytes: volumeGiB, ...copies }
  await cloud.put('volumev3', `/os-quota-sets/${project}`, { body: { quota_set: cinder } })
}

/** Back to the defaults, before a project is removed. */
export async function clearLimits(cloud: CloudClient, lab: SomeServices, project: string): Promise<void> {
  await cloud.delete('compute', `/os-quota-sets/${project}`, { allow: [404] })
  await cloud.delete('network', `/v2.0/quotas/${project}`, { allow: [404] })
  if (lab.services.cinder) await cloud.delete('volumev3', `/os-quota-sets/${project}`, { allow: [404] })
}

/** `limit` -1: without a limit. */
export interface Used {
  used: number
  limit: number
}

/** `2 of 4` */
export const showUsed = ({ used, limit }: Used): string => `${used} of ${limit < 0 ? 'any number' : limit}`

export type ProjectUse = Partial<Record<LimitName, Used>>

interface Detail {
  limit: number
  in_use?: number
  used?: number
  reserved?: number
}

/** What is asked for at this moment counts, too. */
const usesIn = (names: Readonly<Partial<Record<LimitName, string>>>, found: Record<string, Detail | string>) =>
  Object.fromEntries(
    Object.entries(names).flatMap(([name, key]) => {
      const one = found[key]
      if (typeof one !== 'object') return []
      return [[name, { used: (one.in_use ?? one.used ?? 0) + (one.reserved ?? 0), limit: one.limit }]]
    }),
  ) as ProjectUse

export async function readUse(cloud: CloudClient, lab: SomeServices, project: string): Promise<ProjectUse> {
  type QuotaSet = { quota_set: Record<string, Detail | string> }
  type Quota = { quota: Record<string, Detail> }
  const [nova, neutron, cinder] = await Promise.all([
    cloud.get<QuotaSet>('compute', `/os-quota-sets/${project}/detail`),
    cloud.get<Quota>('network', `/v2.0/quotas/${project}/details.json`),
    lab.services.cinder ? cloud.get<QuotaSet>('volumev3', `/os-quota-sets/${project}?usage=True`) : { quota_set: {} },
  ])
  const { routers, floatingIps, ...flat } = neutronNames
  return {
    ...usesIn(novaNames, nova.quota_set),
    ...usesIn(isSelfService(lab) ? { ...flat, routers, floatingIps } : flat, neutron.quota),
    ...usesIn(cinderNames, cinder.quota_set),
  }
}

/** Changes in the cloud over REST, each with what it must know to be undone. */

import type { CloudClient } from '../cloud/client.ts'
import { NotReadyError } from '../declaration/errors.ts'
import type { Lab } from '../declaration/lab.ts'
import { readServer } from '../health/verify/instance.ts'
import type { CloudChange } from './exercise.ts'

/** The types of what was read stay together, whoever calls. */
const cloudChange = <Before>(change: CloudChange<Before>): CloudChange => change as CloudChange

/** The admin's project may have no more instances than it has now. */
export const quotaUsedUp = cloudChange({
  async read(cloud) {
    const path = `/os-quota-sets/${cloud.projectId}/detail`
    const { quota_set } = await cloud.get<{ quota_set: { instances: { limit: number; in_use: number } } }>(
      'compute',
      path,
    )
    const { limit, in_use: used } = quota_set.instances
    return { project: cloud.projectId, limit, used }
  },
  apply: (cloud, { project, used }) => setInstances(cloud, project, used),
  restore: (cloud, { project, limit }) => setInstances(cloud, project, limit),
})

async function setInstances(cloud: CloudClient, project: string, instances: number): Promise<void> {
  await cloud.put('compute', `/os-quota-sets/${project}`, { body: { quota_set: { instances, force: true } } })
}

interface Port {
  id: string
  project_id: string
  security_groups: string[]
}

async function readPort(cloud: CloudClient, lab: Lab): Promise<Port> {
  const server = await readServer(lab, cloud, lab.cloud.server.name)
  const { ports } = await cloud.get<{ ports: Port[] }>('network', `/v2.0/ports?device_id=${server?.id}`)
  if (ports[0]) return ports[0]
  throw new NotReadyError(`a port of ${lab.cloud.server.name}`, 0, 'there is none', './lab up')
}

/** The port of the test instance gets the default group alone, which lets nothing in. */
export const defaultGroupAlone = cloudChange({
  async read(cloud, lab) {
    const { id, project_id, security_groups: groups } = await readPort(cloud, lab)
    const query = new URLSearchParams({ name: 'default', project_id })
    const list = await cloud.get<{ security_groups: { id: string }[] }>('network', `/v2.0/security-groups?${query}`)
    return { port: id, groups, other: list.security_groups.map((group) => group.id) }
  },
  apply: (cloud, { port, other }) => setGroups(cloud, port, other),
  restore: (cloud, { port, groups }) => setGroups(cloud, port, groups),
})

async function setGroups(cloud: CloudClient, port: string, groups: readonly string[]): Promise<void> {
  await cloud.put('network', `/v2.0/ports/${port}`, { body: { port: { security_groups: groups } } })
}

/** Cinder's scheduler passes over volume services that are disabled. */
export const volumeServicesDisabled = cloudChange({
  async read(cloud) {
    type Services = { services: { host: string; status: string }[] }
    const { services } = await cloud.get<Services>('volumev3', '/os-services?binary=cinder-volume')
    return services.filter(({ status }) => status === 'enabled').map(({ host }) => host)
  },
  apply: (cloud, hosts) => setVolumeServices(cloud, hosts, 'disable'),
  restore: (cloud, hosts) => setVolumeServices(cloud, hosts, 'enable'),
})

async function setVolumeServices(cloud: CloudClient, hosts: readonly string[], verb: string): Promise<void> {
  for (const host of hosts) {
    await cloud.put('volumev3', `/os-services/${verb}`, { body: { host, binary: 'cinder-volume' } })
  }
}

/** The catalog says another port of the controller, where nobody listens. */
export const imageEndpointWrong = cloudChange({
  async read(cloud) {
    const { services } = await cloud.get<{ services: { id: string }[] }>('identity', '/services?type=image')
    const query = new URLSearchParams({ interface: 'public', service_id: services[0]?.id ?? '' })
    type Endpoints = { endpoints: { id: string; url: string }[] }
    const { endpoints } = await cloud.get<Endpoints>('identity', `/endpoints?${query}`)
    return endpoints.map(({ id, url }) => ({ id, url }))
  },
  async apply(cloud, endpoints) {
    for (const { id, url } of endpoints) await setUrl(cloud, id, url.replace(/:\d+/, ':9229'))
  },
  async restore(cloud, endpoints) {
    for (const { id, url } of endpoints) await setUrl(cloud, id, url)
  },
})

async function setUrl(cloud: CloudClient, endpoint: string, url: string): Promise<void> {
  // Whoever deleted it and made another one has repaired it, too.
  await cloud.patch('identity', `/endpoints/${endpoint}`, { body: { endpoint: { url } }, allow: [404] })
}

/** The objects that an exercise asks for: found by their names, and removed when it stops. */

import type { CloudClient } from '../cloud/client.ts'
import type { MarkedObject } from '../cloud/marked-objects.ts'
import { isSelfService, type Lab } from '../declaration/lab.ts'
import type { Wanted } from './exercise.ts'

interface Listed {
  id: string
  name: string
  tenant_id?: string
  default_project_id?: string
  attachments?: { server_id: string }[]
}

const object =
  (type: string, service: string, path: string) =>
  ({ id, name }: Listed): MarkedObject => ({ type, id, name, service, path: `${path}/${id}` })

/** `path` gives a list below its key. */
async function list(cloud: CloudClient, service: string, path: string, key: string): Promise<Listed[]> {
  return (await cloud.get<Record<string, Listed[]>>(service, path))[key] ?? []
}

const named =
  (names: readonly string[] = []) =>
  ({ name }: Listed) =>
    names.includes(name)

/** Attachments first: an attached volume cannot be deleted. */
function volumesWithAttachments(volumes: readonly Listed[]): MarkedObject[] {
  const attachments = volumes.flatMap(({ id, name, attachments = [] }) =>
    attachments.map(({ server_id: server }) => ({
      type: 'attachment',
      id: `${server}/${id}`,
      name: `of volume ${name}`,
      service: 'compute',
      path: `/servers/${server}/os-volume_attachments/${id}`,
    })),
  )
  return [...attachments, ...volumes.map(object('volume', 'volumev3', '/volumes'))]
}

async function readNamed(cloud: CloudClient, wanted: Wanted): Promise<MarkedObject[]> {
  const { servers = [], images = [], ports = [], volumes = [], snapshots = [] } = wanted
  const ask = (names: readonly string[], service: string, path: string, key: string) =>
    names.length ? list(cloud, service, path, key).then((found) => found.filter(named(names))) : []
  const found = await Promise.all([
    ask(servers, 'compute', '/servers/detail?all_tenants=1', 'servers'),
    ask(images, 'image', '/v2/images?limit=500', 'images'),
    ask(ports, 'network', '/v2.0/ports', 'ports'),
    ask(snapshots, 'volumev3', '/snapshots/detail?all_tenants=1', 'snapshots'),
    ask(volumes, 'volumev3', '/volumes/detail?all_tenants=1', 'volumes'),
  ])
  const [ofServers, ofImages, ofPorts, ofSnapshots, ofVolumes] = found
  // A volume that was made of a snapshot goes before it, and the one it is of after it.
  const inOrder = ofVolumes.toSorted((a, b) => volumes.indexOf(a.name) - volumes.indexOf(b.name))
  const disks = volumesWithAttachments(inOrder)
  return [
    ...ofServers.map(object('server', 'compute', '/servers')),
    ...ofPorts.map(object('port', 'network', '/v2.0/ports')),
    ...ofImages.map(object('image', 'image', '/v2/images')),
    ...disks.filter(({ name, type }) => type === 'attachment' || name !== volumes.at(-1)),
    ...ofSnapshots.map(object('snapshot', 'volumev3', '/snapshots')),
    ...disks.filter(({ name, type }) => type === 'volume' && name === volumes.at(-1)),
  ]
}

/** A router's interfaces are given up through it; its gateway goes with it. */
async function readRouting(cloud: CloudClient, project: string): Promise<MarkedObject[]> {
  const query = `project_id=${project}`
  const routers = await list(cloud, 'network', `/v2.0/routers?${query}`, 'routers')
  const interfaces = await Promise.all(
    routers.map(async ({ id, name }) => {
      const filter = `device_id=${id}&device_owner=network:router_interface`
      const ports = await list(cloud, 'network', `/v2.0/ports?${filter}`, 'ports')
      return ports.map((port) => ({
        ...object('interface', 'network', '/v2.0/ports')(port),
        name: `of router ${name}`,
        put: { path: `/v2.0/routers/${id}/remove_router_interface`, body: { port_id: port.id } },
      }))
    }),
  )
  const floating = await list(cloud, 'network', `/v2.0/floatingips?${query}`, 'floatingips')
  return [
    ...floating.map(object('floating IP', 'network', '/v2.0/floatingips')),
    ...interfaces.flat(),
    ...routers.map(object('router', 'network', '/v2.0/routers')),
  ]
}

/** A project, its users, and everything that belongs to it. */
async function readProject(cloud: CloudClient, lab: Lab, name: string): Promise<MarkedObject[]> {
  const projects = await list(cloud, 'identity', `/projects?name=${name}`, 'projects')
  const lists = projects.map(async (project) => {
    const query = `project_id=${project.id}`
    const of = (kind: string, key = kind.replaceAll('-', '_')) => list(cloud, 'network', `/v2.0/${kind}?${query}`, key)
    const servers = await list(cloud, 'compute', '/servers/detail?all_tenants=1', 'servers')
    const volumes = lab.services.cinder
      ? await list(cloud, 'volumev3', `/volumes/detail?all_tenants=1&${query}`, 'volumes')
      : []
    const users = await list(cloud, 'identity', '/users', 'users')
    return [
      ...servers.filter(({ tenant_id }) => tenant_id === project.id).map(object('server', 'compute', '/servers')),
      ...volumesWithAttachments(volumes),
      ...(isSelfService(lab) ? await readRouting(cloud, project.id) : []),
      ...(await of('networks')).map(object('network', 'network', '/v2.0/networks')),
      ...(await of('security-groups')).map(object('security group', 'network', '/v2.0/security-groups')),
      ...users.filter((user) => user.default_project_id === project.id).map(object('user', 'identity', '/users')),
      object('project', 'identity', '/projects')(project),
    ]
  })
  return (await Promise.all(lists)).flat()
}

/** In the order in which they can be removed. */
export async function readWanted(cloud: CloudClient, lab: Lab, wanted: Wanted = {}): Promise<MarkedObject[]> {
  const ofProject = wanted.project ? await readProject(cloud, lab, wanted.project) : []
  return [...ofProject, ...(await readNamed(cloud, wanted))]
}

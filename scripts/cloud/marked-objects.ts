/** Lists everything in the cloud that carries this lab's mark, from the services' own APIs. */

import { demoName, isSelfService, type Lab } from '../declaration/lab.ts'
import type { CloudClient } from './client.ts'
import { markOf, metadataOf, tagOf } from './mark.ts'

/** One object that is this lab's own, and how it is removed. */
export interface MarkedObject {
  /** Terraform's resource type; made in the same way where Terraform has none. */
  type: string
  /** As it is in Terraform's state. */
  id: string
  name: string
  /** Service type and path of the DELETE; a GET on the same path tells when it is gone. */
  service: string
  path: string
  headers?: Readonly<Record<string, string>>
  /** The PUT that removes it, where a DELETE is refused. */
  put?: { path: string; body: unknown }
  /** The PATCH without which the DELETE is refused. */
  patch?: { path: string; body: unknown; headers?: Record<string, string> }
}

interface Listed {
  id: string
  name?: string
  description?: string | null
}

const object = (type: string, service: string, path: string) => (listed: Listed) => ({
  type: `openstack_${type}`,
  id: listed.id,
  name: listed.name || listed.id,
  service,
  path: `${path}/${encodeURIComponent(listed.id)}`,
})

async function listNetworking(cloud: CloudClient, lab: Lab, kind: string, type: string): Promise<MarkedObject[]> {
  const path = `/v2.0/${kind}`
  const query = new URLSearchParams({ description: markOf(lab) })
  // A lab that is only now given routers has a Neutron that does not know the word yet.
  const allow = kind === 'routers' || kind === 'floatingips' ? [404] : []
  const body = await cloud.get<Record<string, Listed[]> | undefined>('network', `${path}?${query}`, { allow })
  return (body?.[kind.replaceAll('-', '_')] ?? []).map(object(`networking_${type}_v2`, 'network', path))
}

/** Interfaces bear no mark, a router does; Neutron deletes their ports only through it. */
async function listRouting(cloud: CloudClient, lab: Lab): Promise<MarkedObject[]> {
  const [floating, routers] = await Promise.all([
    listNetworking(cloud, lab, 'floatingips', 'floatingip'),
    listNetworking(cloud, lab, 'routers', 'router'),
  ])
  const interfaces = await Promise.all(
    routers.map(async ({ id, name, path }) => {
      const query = new URLSearchParams({ device_id: id, device_owner: 'network:router_interface' })
      const { ports } = await cloud.get<{ ports: Listed[] }>('network', `/v2.0/ports?${query}`)
      return ports.map((port) => ({
        ...object('networking_router_interface_v2', 'network', '/v2.0/ports')(port),
        name: `of router ${name}`,
        put: { path: `${path}/remove_router_interface`, body: { port_id: port.id } },
      }))
    }),
  )
  return [...floating, ...interfaces.flat(), ...routers]
}

type Server = Listed & { metadata: Record<string, string> }

async function listServers(cloud: CloudClient, lab: Lab): Promise<MarkedObject[]> {
  const { servers } = await cloud.get<{ servers: Server[] }>('compute', '/servers/detail?all_tenants=1')
  const own = Object.entries(metadataOf(lab))
  return servers
    .filter(({ metadata }) => own.every(([key, value]) => metadata[key] === value))
    .map(object('compute_instance_v2', 'compute', '/servers'))
}

type Volume = Listed & { attachments: { server_id: string }[] }

async function listSnapshots(cloud: CloudClient, lab: Lab): Promise<MarkedObject[]> {
  const { snapshots } = await cloud.get<{ snapshots: Listed[] }>('volumev3', '/snapshots/detail?all_tenants=1')
  return snapshots
    .filter(({ description }) => description === markOf(lab))
    .map(object('blockstorage_snapshot_v3', 'volumev3', '/snapshots'))
}

async function listBackups(cloud: CloudClient, lab: Lab): Promise<MarkedObject[]> {
  const { backups } = await cloud.get<{ backups: Listed[] }>('volumev3', '/backups/detail?all_tenants=1')
  return backups
    .filter(({ description }) => description === markOf(lab))
    .map(object('blockstorage_backup_v3', 'volumev3', '/backups'))
}

async function readVolumes(cloud: CloudClient, lab: Lab): Promise<Volume[]> {
  const { volumes } = await cloud.get<{ volumes: Volume[] }>('volumev3', '/volumes/detail?all_tenants=1')
  return volumes.filter(({ description }) => description === markOf(lab))
}

/** Terraform would fail to attach a volume that is attached already, so an attachment is an object of its own. */
function attachmentsOf({ id, attachments }: Volume): MarkedObject[] {
  return attachments.map(({ server_id }) => ({
    type: 'openstack_compute_volume_attach_v2',
    id: `${server_id}/${id}`,
    name: `of volume ${id} to server ${server_id}`,
    service: 'compute',
    path: `/servers/${server_id}/os-volume_attachments/${id}`,
  }))
}

async function listImages(cloud: CloudClient, lab: Lab): Promise<MarkedObject[]> {
  const { images } = await cloud.get<{ images: Listed[] }>('image', `/v2/images?tag=${tagOf(lab)}`)
  return images.map(object('images_image_v2', 'image', '/v2/images'))
}

/** A flavor's description shows from this version of the API on. */
export const flavorHeaders = { 'OpenStack-API-Version': 'compute 2.55' }

async function listFlavors(cloud: CloudClient, lab: Lab): Promise<MarkedObject[]> {
  const path = '/flavors/detail?is_public=None'
  const { flavors } = await cloud.get<{ flavors: Listed[] }>('compute', path, { headers: flavorHeaders })
  return flavors
    .filter(({ description }) => description === markOf(lab))
    .map(object('compute_flavor_v2', 'compute', '/flavors'))
}

/** The name of the ordinary user's own, in a self-service lab. */
export const demoKeypair = 'duostack-demo'

interface Keypairs {
  keypairs: { keypair: { name: string; public_key: string } }[]
}

/** `query`: whose they are, the admin's own if empty. Keys bear the mark in their comment. */
async function listMarkedKeys(cloud: CloudClient, lab: Lab, query = '', headers = {}): Promise<MarkedObject[]> {
  const { keypairs } = await cloud.get<Keypairs>('compute', `/os-keypairs${query}`, { headers })
  return keypairs
    .filter(({ keypair }) => keypair.public_key.trim().endsWith(` ${markOf(lab)}`))
    .map(({ keypair }) => {
      const found = object('compute_keypair_v2', 'compute', '/os-keypairs')({ id: keypair.name })
      return { ...found, path: `${found.path}${query}`, headers }
    })
}

/** An admin may name another user from this version of the API on. */
const userHeaders = { 'OpenStack-API-Version': 'compute 2.10' }

/** Another user's keys are listed and removed only by that user's id. That user may have copied the key. */
async function listDemoKeypair(cloud: CloudClient, lab: Lab): Promise<MarkedObject[]> {
  const { users } = await cloud.get<{ users: Listed[] }>('identity', `/users?name=${demoName}&domain_id=default`)
  const lists = users.map(({ id }) =>
    listMarkedKeys(cloud, lab, `?${new URLSearchParams({ user_id: id })}`, userHeaders),
  )
  return (await Promise.all(lists)).flat().filter(({ name }) => name === demoKeypair)
}

/** Everything in the cloud that is this lab's own, each before what it depends on. */
export async function readMarkedObjects(cloud: CloudClient, lab: Lab): Promise<MarkedObject[]> {
  const [volumes, snapshots, backups, servers, ...others] = await Promise.all([
    lab.services.cinder ? readVolumes(cloud, lab) : [],
    lab.services.cinder ? listSnapshots(cloud, lab) : [],
    lab.volumeBackup ? listBackups(cloud, lab) : [],
    listServers(cloud, lab),
    isSelfService(lab) ? listRouting(cloud, lab) : [],
    listNetworking(cloud, lab, 'ports', 'port'),
    listNetworking(cloud, lab, 'security-group-rules', 'secgroup_rule'),
    listNetworking(cloud, lab, 'security-groups', 'secgroup'),
    listNetworking(cloud, lab, 'subnets', 'subnet'),
    listNetworking(cloud, lab, 'networks', 'network'),
    listMarkedKeys(cloud, lab),
    isSelfService(lab) ? listDemoKeypair(cloud, lab) : [],
    listFlavors(cloud, lab),
    listImages(cloud, lab),
  ])
  const disks = volumes.map(object('blockstorage_volume_v3', 'volumev3', '/volumes'))
  return [...volumes.flatMap(attachmentsOf), ...servers, ...backups, ...snapshots, ...disks, ...others.flat()]
}

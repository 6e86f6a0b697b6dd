/** The kinds of object that a project may have in the cloud: how all of them are listed, and how one is removed. */

import type { Lab } from '../declaration/lab.ts'
import type { CloudClient } from './client.ts'
import type { MarkedObject } from './marked-objects.ts'

export interface Listed {
  id: string
  name?: string
  description?: string | null
  type?: string
  project_id?: string
  /** Of a part: what it is a part of. */
  parent?: string
}

export interface Kind {
  type: string
  /** Of all projects. */
  list: (cloud: CloudClient) => Promise<Listed[]>
  objectOf: (listed: Listed) => MarkedObject
}

type Headers = Record<string, string>

interface Spec {
  service: string
  /** Of the list; without its query also that of the single objects, unless `one` says otherwise. */
  path: string
  /** Name of the list in the answer. */
  key: string
  one?: string
  /** Where the project's id is. */
  project?: string
  headers?: Headers
  keep?: (listed: Record<string, string>) => boolean
  more?: (listed: Listed) => Partial<MarkedObject>
}

export function kind(type: string, spec: Spec): Kind {
  const { service, path, key, one, project = 'project_id', headers, keep, more } = spec
  const base = one ?? path.replace(/(\/detail)?\?.*$/, '')
  return {
    type,
    async list(cloud) {
      // What the cloud does not have, as trunks, has no list.
      const request = { allow: [404], ...(headers ? { headers } : {}) }
      const body = await cloud.get<Record<string, Record<string, string>[]> | undefined>(service, path, request)
      const all = body?.[key] ?? []
      return all.filter(keep ?? (() => true)).map((listed) => ({
        ...(listed as unknown as Listed),
        id: `${listed['id']}`,
        project_id: listed[project] ?? '',
      }))
    },
    objectOf: (listed) => ({
      type,
      id: listed.id,
      name: listed.name || listed.id,
      service,
      path: `${base}/${encodeURIComponent(listed.id)}`,
      ...(headers ? { headers } : {}),
      ...more?.(listed),
    }),
  }
}

export const compute = (path: string, key: string, more: Partial<Spec> = {}) => ({
  ...{ service: 'compute', path, key },
  ...more,
})
export const volume = (path: string, key: string, project = 'project_id') => ({
  ...{ service: 'volumev3', path, key, project },
})
const network = (path: string, key = path.replaceAll('-', '_'), more: Partial<Spec> = {}) => ({
  ...{ service: 'network', path: `/v2.0/${path}`, key },
  ...more,
})
const microversion = (version: string): Headers => ({ 'OpenStack-API-Version': `compute ${version}` })

/** Of one user; they bear no project. */
export const keypairsOf = (user: string): Kind => ({
  type: 'keypairs',
  async list(cloud) {
    const request = { headers: microversion('2.10'), allow: [404] }
    const path = `/os-keypairs?user_id=${user}`
    const body = await cloud.get<{ keypairs: { keypair: { name: string } }[] } | undefined>('compute', path, request)
    return (body?.keypairs ?? []).map(({ keypair: { name } }) => ({ id: name, name, parent: user }))
  },
  objectOf: ({ id, parent }) => ({
    ...{ type: 'keypairs', id: `${parent}/${id}`, name: id, service: 'compute', headers: microversion('2.10') },
    path: `/os-keypairs/${encodeURIComponent(id)}?user_id=${parent}`,
  }),
})

/** Neutron removes their ports only through the router, whose name and project are theirs. */
const routerInterfaces: Kind = {
  type: 'router interfaces',
  async list(cloud) {
    type Ports = { ports: { id: string; device_id: string }[] }
    const routers = await kind('routers', network('routers')).list(cloud)
    const { ports } = await cloud.get<Ports>('network', '/v2.0/ports?device_owner=network:router_interface')
    return routers.flatMap((router) =>
      ports.filter(({ device_id }) => device_id === router.id).map(({ id }) => ({ ...router, id, parent: router.id })),
    )
  },
  objectOf: ({ id, name = id, parent }) => ({
    ...{ type: 'router interfaces', id, name, service: 'network', path: `/v2.0/ports/${id}` },
    put: { path: `/v2.0/routers/${parent}/remove_router_interface`, body: { port_id: id } },
  }),
}

export const serverKinds: Kind[] = [
  kind('servers', compute('/servers/detail?all_tenants=1', 'servers', { project: 'tenant_id' })),
  kind('server groups', {
    ...compute('/os-server-groups?all_projects=True', 'server_groups', { headers: microversion('2.13') }),
  }),
]

export const volumeKinds: Kind[] = [
  kind('volume backups', volume('/backups/detail?all_tenants=1', 'backups', 'os-backup-project-attr:project_id')),
  kind('volume snapshots', {
    ...volume('/snapshots/detail?all_tenants=1', 'snapshots', 'os-extended-snapshot-attributes:project_id'),
  }),
  kind('volumes', volume('/volumes/detail?all_tenants=1', 'volumes', 'os-vol-tenant-attr:tenant_id')),
]

export const imagesKind = kind('images', {
  ...{ service: 'image', path: '/v2/images?limit=1000', key: 'images', project: 'owner' },
})

export const networkKinds: Kind[] = [
  kind('floating IPs', network('floatingips')),
  routerInterfaces,
  kind('routers', network('routers')),
  kind('trunks', network('trunks')),
  // Neutron's own go with what they belong to.
  kind('ports', network('ports', 'ports', { keep: ({ device_owner = '' }) => !device_owner.startsWith('network:') })),
  kind('networks', network('networks')),
  kind('subnet pools', network('subnetpools')),
  kind('address scopes', network('address-scopes')),
  kind('security groups', network('security-groups')),
]

/** Glance refuses to delete what its owner protects; it takes a change only in this form. */
const unprotect = ({ id }: Listed): Partial<MarkedObject> => ({
  patch: {
    path: `/v2/images/${id}`,
    body: [{ op: 'replace', path: '/protected', value: false }],
    headers: { 'Content-Type': 'application/openstack-images-v2.1-json-patch' },
  },
})

const ownImages = (query: string) =>
  kind('images', { ...{ service: 'image', path: query, key: 'images', project: 'owner' }, more: unprotect })

/**
 * Everything that a project without an admin may own, each before what it rests on; with the keys of these users. A volume
 * that is handed over to another project cannot be deleted, so transfers go first.
 */
export function kindsOfProjects(lab: Pick<Lab, 'services'>, users: readonly string[]): Kind[] {
  const transfers = kind('volume transfers', {
    ...volume('/volume-transfers/detail?all_tenants=1', 'transfers', 'source_project_id'),
    headers: { 'OpenStack-API-Version': 'volume 3.57' },
  })
  return [
    ...serverKinds,
    ...users.map(keypairsOf),
    ...(lab.services.cinder ? [transfers, ...volumeKinds] : []),
    ownImages('/v2/images?limit=1000'),
    // Those that are hidden are in no other list.
    ownImages('/v2/images?limit=1000&os_hidden=true'),
    ...networkKinds,
  ]
}

/** The kinds of object that Tempest makes: how all of them are listed, whatever their project, and how one is removed. */

import {
  compute,
  imagesKind,
  type Kind,
  keypairsOf,
  kind,
  networkKinds,
  serverKinds,
  volume,
  volumeKinds,
} from '../cloud/object-kinds.ts'
import type { Lab } from '../declaration/lab.ts'

const identity = (path: string, key = path, more: { project?: string } = {}) => ({
  ...{ service: 'identity', path: `/${path}`, key },
  ...more,
})

/** What Tempest made itself is found by its users: their keys have any name. */
const keypairsOfTempest = (user: string): Kind => {
  const own = keypairsOf(user)
  const list: Kind['list'] = async (cloud) =>
    (await own.list(cloud)).map((one) => ({ ...one, name: `tempest-${one.name}-0` }))
  return { ...own, list }
}

const adminVolumeKinds: Kind[] = [
  kind('volume types', volume('/types?is_public=None', 'volume_types')),
  kind('QoS specs', volume('/qos-specs', 'qos_specs')),
]

const identityKinds: Kind[] = [
  kind('regions', identity('regions')),
  kind('services', identity('services')),
  kind('policies', identity('policies')),
  kind('consumers', identity('OS-OAUTH1/consumers', 'consumers')),
  kind('groups', identity('groups')),
  kind('users', identity('users')),
  kind('roles', identity('roles')),
  kind('projects', identity('projects', 'projects', { project: 'id' })),
  // Keystone refuses to delete one that is in use.
  kind('domains', {
    ...identity('domains'),
    more: ({ id }) => ({ patch: { path: `/domains/${id}`, body: { domain: { enabled: false } } } }),
  }),
]

/** Each before what it rests on. `users`: those that Tempest has made. */
export function kindsOf(lab: Lab, users: readonly string[]): Kind[] {
  return [
    ...serverKinds,
    ...users.map(keypairsOfTempest),
    kind('flavors', compute('/flavors/detail?is_public=None', 'flavors')),
    kind('aggregates', compute('/os-aggregates', 'aggregates')),
    ...(lab.services.cinder ? [...volumeKinds, ...adminVolumeKinds] : []),
    imagesKind,
    ...networkKinds,
    ...identityKinds,
  ]
}

/** What of a status is not well, in the order in which a person would look: causes before their consequences. Pure. */

import { mendServer } from '../../cloud/failed-server.ts'
import { virshHint } from '../../libvirt/virsh.ts'
import type { Observation } from '../../run/check.ts'
import { describeImpaired, endImpaired } from '../checks/impaired.ts'
import { isMemoryFull } from '../checks/memory.ts'
import { judgeUnit } from '../checks/units.ts'
import type { CloudStatus, InstanceStatus, VolumeStatus } from './cloud.ts'
import { isOff, type NodeStatus } from './nodes.ts'

export interface Trouble extends Omit<Observation, 'ok'> {
  /** Of something that a user made: the lab itself is well. */
  ofUser: boolean
}

export function findTroubles(nodes: readonly NodeStatus[], cloud: CloudStatus | undefined): Trouble[] {
  return [
    ...nodes.flatMap(ofNode),
    ...nodes.flatMap(ofUnits),
    ...(cloud ? ofCloud(cloud) : []),
    ...ofImpaired(nodes, cloud),
  ]
}

/** Those of instances that are gone end by themselves. */
function ofImpaired(nodes: readonly NodeStatus[], { instances = [] }: Partial<CloudStatus> = {}): Trouble[] {
  return nodes
    .flatMap(({ impaired = [] }) => impaired)
    .flatMap((one) =>
      instances
        .filter(({ id }) => id === one.server)
        .map(({ id, name }) => ({
          id: `impaired/${id}`,
          what: `network of instance ${name}`,
          seen: describeImpaired(one),
          data: { seconds: one.seconds },
          next: endImpaired(id),
          ofUser: true,
        })),
    )
}

const ofLab = { ofUser: false }

const troubleOf = ({ ok, ...rest }: Observation): Trouble[] => (ok ? [] : [{ ...rest, ...ofLab }])

function ofNode({ name, state, silent, usedMiB = 0, memoryMiB }: NodeStatus): Trouble[] {
  const about = { ...ofLab, id: `node/${name}`, what: `node ${name}` }
  if (silent !== undefined) {
    const next = isOff({ state }) ? './lab up' : `${virshHint('list', '--all')}; ./lab ssh ${name}`
    return [{ ...about, seen: silent, next }]
  }
  if (!isMemoryFull({ usedMiB, memoryMiB })) return []
  const data = { usedMiB, memoryMiB }
  const seen = `${usedMiB} of ${memoryMiB} MiB of its memory in use`
  return [{ ...about, seen, data, next: `./lab ssh ${name} 'ps -eo rss,comm --sort=-rss | head'` }]
}

function ofUnits({ name, units = [] }: NodeStatus): Trouble[] {
  return units.map(({ unit, state }) => judgeUnit(name, unit, state)).flatMap(troubleOf)
}

/** The lab needs its own test instance to run; what a user's does is his affair, unless it failed. */
export const isInstanceWell = ({ own, status }: InstanceStatus) => (own ? status === 'ACTIVE' : status !== 'ERROR')
export const isVolumeWell = ({ status }: VolumeStatus) => !status.startsWith('error')

function ofInstance({ id, name, own, status, launched, fault }: InstanceStatus): Trouble {
  const next =
    status === 'ERROR'
      ? mendServer({ id, 'OS-SRV-USG:launched_at': launched ?? null })
      : `./lab openstack server show ${id}`
  return {
    id: `instance/${id}`,
    what: `instance ${name}`,
    seen: fault ? `${status}: ${fault.trim()}` : status,
    next,
    ofUser: !own,
  }
}

function ofVolume({ id, name, own, status }: VolumeStatus): Trouble {
  return {
    id: `volume/${id}`,
    what: `volume ${name || id}`,
    seen: status,
    next: `./lab openstack volume show ${id}`,
    ofUser: !own,
  }
}

function ofCloud({ silent, endpoints, agents, missing = [], instances, volumes }: CloudStatus): Trouble[] {
  const observed = silent ? [silent] : [...endpoints, ...agents, ...missing]
  const objects = [
    ...instances.filter((one) => !isInstanceWell(one)).map(ofInstance),
    ...volumes.filter((one) => !isVolumeWell(one)).map(ofVolume),
  ]
  return [
    ...observed.flatMap(troubleOf),
    ...objects.filter(({ ofUser }) => !ofUser),
    ...objects.filter(({ ofUser }) => ofUser),
  ]
}

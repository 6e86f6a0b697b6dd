/** What of a status is not well, in the order in which a person would look: causes before their consequences. Pure. */

import { lookAtUnit } from '../cloud/where-to-look.ts'
import type { CloudStatus } from './status-cloud.ts'
import type { NodeStatus } from './status-nodes.ts'

export interface Trouble {
  what: string
  seen: string
  /** A command to paste. */
  next: string
}

/** A node above this share of its memory is about to lose processes. */
const memoryLimit = 0.95

export function findTroubles(nodes: readonly NodeStatus[], cloud: CloudStatus | undefined): Trouble[] {
  return [...nodes.flatMap(ofNode), ...nodes.flatMap(ofUnits), ...(cloud ? ofCloud(cloud) : [])]
}

function ofNode({ name, state, silent, usedMiB = 0, memoryMiB }: NodeStatus): Trouble[] {
  const what = `node ${name}`
  if (silent !== undefined) {
    const isOff = state !== 'running' && state !== 'unknown'
    return [{ what, seen: silent, next: isOff ? './lab up' : `./lab exec -- virsh list --all; ./lab ssh ${name}` }]
  }
  if (usedMiB <= memoryLimit * memoryMiB) return []
  const seen = `${usedMiB} of ${memoryMiB} MiB of its memory are in use`
  return [{ what, seen, next: `./lab ssh ${name} 'ps -eo rss,comm --sort=-rss | head'` }]
}

function ofUnits({ name, units = [] }: NodeStatus): Trouble[] {
  return units
    .filter(({ state }) => state !== 'active')
    .map(({ unit, state }) => ({ what: `unit ${unit} on ${name}`, seen: state, next: lookAtUnit(name, unit) }))
}

function ofCloud({ silent, endpoints, agents, instances, volumes }: CloudStatus): Trouble[] {
  if (silent) return [silent]
  return [
    ...[...endpoints, ...agents].filter(({ ok }) => !ok),
    ...instances
      .filter(({ status }) => status !== 'ACTIVE')
      .map(({ name, status }) => ({
        what: `instance ${name}`,
        seen: status,
        next: `./lab openstack server show ${name}`,
      })),
    ...volumes
      .filter(({ status }) => status.startsWith('error'))
      .map(({ name, status }) => ({
        what: `volume ${name}`,
        seen: status,
        next: `./lab openstack volume show ${name}`,
      })),
  ].map(({ what, seen, next }) => ({ what, seen, next }))
}

/** What there is of a lab now, read within seconds; also when much of it is dead. */

import type { Ending } from '../../declaration/exit-codes.ts'
import { expectLab } from '../../declaration/expect-lab.ts'
import type { Lab } from '../../declaration/lab.ts'
import { readDomainStates } from '../../libvirt/domain-states.ts'
import { scaled, type Timeout, timeouts } from '../../run/timeouts.ts'
import { unitsOf } from '../../services/units-of.ts'
import { endingOf } from '../ending.ts'
import { type CloudStatus, readCloud } from './cloud.ts'
import { type NodeStatus, readNode } from './nodes.ts'
import { daemonsOf, findStale } from './stale.ts'
import { findTroubles, type Trouble } from './troubles.ts'

export interface Status {
  lab: Pick<Lab, 'id' | 'name' | 'hypervisor' | 'isolation'>
  /** Every node answers, every unit is active, every endpoint and agent is good, the lab's own instance is ACTIVE. */
  healthy: boolean
  /** What is not well, each with where to look; the cause before its consequences. */
  troubles: Trouble[]
  nodes: NodeStatus[]
  /** Absent if no node is running: there is nothing to ask. */
  cloud?: CloudStatus
}

/** Users' failures are not the lab's. */
export const isHealthy = (troubles: readonly Trouble[]) => troubles.every(({ ofUser }) => ofUser)

/** No node answered, and libvirt did not say why: nothing is known of the lab. */
const isUnknown = ({ nodes, cloud }: Status) =>
  cloud?.silent !== undefined && nodes.every(({ state, silent }) => state === 'unknown' && silent !== undefined)

export function endingOfStatus(status: Status): Ending {
  const blind = isUnknown(status)
  return endingOf({ broken: !status.healthy && !blind, blind, ofUser: status.troubles.length > 0 })
}

const { status: atOnce } = timeouts.nodes

/** All nodes side by side, answering or not. */
export function readNodes(lab: Lab, limit: Timeout = atOnce): Promise<NodeStatus[]> {
  const seconds = scaled(lab, limit)
  const about = { domains: readDomainStates(lab, seconds / 2), units: unitsOf(lab), timeoutSeconds: seconds }
  return Promise.all(lab.nodes.map((node) => readNode(lab, node, about)))
}

/**
 * Reads everything side by side. What does not answer in time is part of the status, not an error. Throws NoLabError
 * where there is no lab, or no more: it may be removed while somebody watches. `limit`: for each answer.
 */
export async function readStatus(lab: Lab, limit: Timeout = atOnce): Promise<Status> {
  expectLab(lab.root)
  const { id, name, hypervisor, isolation } = lab
  const [asked, nodes] = await Promise.all([readCloud(lab, scaled(lab, limit)), readNodes(lab, limit)])
  const running = nodes.some(({ state }) => state === 'running' || state === 'unknown')
  const stale = findStale(daemonsOf(lab), nodes, asked.agents)
  const cloud = running ? { ...asked, ...(stale.length ? { stale } : {}) } : undefined
  const troubles = findTroubles(nodes, cloud)
  const status = { lab: { id, name, hypervisor, isolation }, healthy: isHealthy(troubles), troubles, nodes }
  return cloud ? { ...status, cloud } : status
}

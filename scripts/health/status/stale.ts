/** Daemons that the APIs still call alive although their unit or node has stopped: the last report is old by now. */

import { lookAtUnit } from '../../cloud/where-to-look.ts'
import type { Lab } from '../../declaration/lab.ts'
import { profileOf, serviceNames } from '../../declaration/service-profiles.ts'
import type { Observation } from '../../run/check.ts'
import { type ExpectedDaemon, expectedDaemons } from '../../services/units-of.ts'
import { agentUnits } from '../checks/agents.ts'
import { isOff, type NodeStatus } from './nodes.ts'

/** Ids of the observations that rest on reports of this daemon; those of Neutron's agents are counted in one. */
const idsOf = ({ name, node, unit }: ExpectedDaemon) => [
  Object.values(agentUnits).includes(unit) ? `agents/${node}` : `daemon/${name}/${node}`,
  ...(unit === 'nova-compute' ? [`hypervisor/${node}`] : []),
]

const hasStopped = ({ node, unit }: ExpectedDaemon, nodes: readonly NodeStatus[]) =>
  nodes.some(
    (one) =>
      one.name === node && (isOff(one) || one.units?.some((known) => known.unit === unit && known.state !== 'active')),
  )

export const daemonsOf = (lab: Lab): ExpectedDaemon[] =>
  serviceNames
    .filter((service) => lab.services[service] && profileOf(service).daemons)
    .flatMap((service) => expectedDaemons(lab, service))

/** Units that do not run, by the ids of the observations that rest on their reports. Pure. */
export const stoppedUnits = (
  daemons: readonly ExpectedDaemon[],
  nodes: readonly NodeStatus[],
): Map<string, ExpectedDaemon> =>
  new Map(daemons.filter((one) => hasStopped(one, nodes)).flatMap((one) => idsOf(one).map((id) => [id, one])))

/** Ids of the good ones among them that are not to be believed. Pure. */
export function findStale(
  daemons: readonly ExpectedDaemon[],
  nodes: readonly NodeStatus[],
  observations: readonly Pick<Observation, 'id' | 'ok'>[],
): string[] {
  const stopped = stoppedUnits(daemons, nodes)
  return observations.filter(({ id, ok }) => ok && stopped.has(id)).map(({ id }) => id)
}

/** The good ones that are not to be believed, as failures. Pure. */
export const disbelieve = (
  observations: readonly Observation[],
  stopped: ReadonlyMap<string, ExpectedDaemon>,
): Observation[] =>
  observations.map((one) => {
    const daemon = one.ok ? stopped.get(one.id) : undefined
    if (!daemon) return one
    const { unit, node } = daemon
    const seen = `the unit ${unit} on ${node} is not running; the API has not noticed yet: ${one.seen}`
    return { ...one, ok: false, seen, next: lookAtUnit(node, unit) }
  })

/** Daemons that the APIs still call alive although their unit or node has stopped: the last report is old by now. */

import type { Lab } from '../../declaration/lab.ts'
import { profileOf, serviceNames } from '../../declaration/service-profiles.ts'
import type { Observation } from '../../run/check.ts'
import { type ExpectedDaemon, expectedDaemons } from '../../services/units-of.ts'
import { isOff, type NodeStatus } from './nodes.ts'

/** Ids of the observations that rest on reports of this daemon. */
const idsOf = ({ name, node, unit }: ExpectedDaemon) => [
  `daemon/${name}/${node}`,
  `agents/${node}`,
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

/** Ids of the good ones among them that are not to be believed. Pure. */
export function findStale(
  daemons: readonly ExpectedDaemon[],
  nodes: readonly NodeStatus[],
  observations: readonly Pick<Observation, 'id' | 'ok'>[],
): string[] {
  const ids = new Set(daemons.filter((one) => hasStopped(one, nodes)).flatMap(idsOf))
  return observations.filter(({ id, ok }) => ok && ids.has(id)).map(({ id }) => id)
}

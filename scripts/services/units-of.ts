/** Which units each node should run, according to the services' data. */

import { type Lab, nodesWith } from '../declaration/lab.ts'
import { loadSecrets } from '../declaration/secrets.ts'
import { profileOf, type ServiceName } from '../declaration/service-profiles.ts'
import { enabledServices, serviceOf } from './index.ts'

export interface WantedUnit {
  service: ServiceName
  unit: string
}

/** By node name. */
export function unitsOf(lab: Lab): Map<string, WantedUnit[]> {
  const secrets = loadSecrets(lab.root)
  const parts = enabledServices(lab).flatMap((service) =>
    serviceOf(lab, secrets, service).parts.map((part) => ({ service, part })),
  )
  return new Map(
    lab.nodes.map((node) => [
      node.name,
      parts
        .filter(({ part }) => nodesWith(lab, part.on).some(({ name }) => name === node.name))
        .flatMap(({ service, part }) => part.units.map((unit) => ({ service, unit }))),
    ]),
  )
}

/** A daemon that should report to its service from this node. */
export interface ExpectedDaemon {
  /** As the service's own list names it. */
  name: string
  node: string
  unit: string
}

/** The expected daemons of one service, by daemon and then by node. */
export function expectedDaemons(lab: Lab, service: ServiceName): ExpectedDaemon[] {
  const units = unitsOf(lab)
  const runs = (node: string, unit: string) =>
    units.get(node)?.some((one) => one.service === service && one.unit === unit) ?? false
  return Object.entries(profileOf(service).daemons?.units ?? {}).flatMap(([name, unit]) =>
    lab.nodes.filter((node) => runs(node.name, unit)).map((node) => ({ name, node: node.name, unit })),
  )
}

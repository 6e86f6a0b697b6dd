/** A service's operations on each node, in the same order for all services. */

import { controllerOf, type Lab, type LabNode, nodesWith } from '../declaration/lab.ts'
import { ensureDatabase } from './databases.ts'
import { ensureFile } from './files.ts'
import { heredoc, type Operation } from './operation.ts'
import { ensurePackages } from './packages.ts'
import { commandSeconds, readySubject } from './ready.ts'
import type { NodePlaces } from './script.ts'
import { filesOn, type Part, type Readiness, type Service } from './service.ts'
import { runStep } from './steps.ts'
import { ensureAbsentUnits, ensureUnits, unitDropIns } from './units.ts'

/** On the controller, which has MariaDB's own socket. */
export function databaseOperations(service: Service, lab: Lab): Operation[] {
  return (service.databases ?? []).map((database) => ensureDatabase(database, controllerOf(lab).address))
}

/** packages, files, setup, units: in this order. */
export function partOperations(part: Part, node: LabNode, lab: Lab, places?: NodePlaces): Operation[] {
  const settings = { timeScale: lab.timeScale, ...(places ? { places } : {}) }
  const files = filesOn(part, node.name)
  return [
    ...ensurePackages(part.packages, { repository: lab.stockImage !== undefined }),
    ...[...files, ...unitDropIns(part.units, files, settings)].map(ensureFile),
    ...(part.setup ?? []).map((step) => runStep(step, lab.timeScale)),
    ...ensureUnits(part.units, files, settings),
    ...ensureAbsentUnits(part.absentUnits ?? []),
  ]
}

/**
 * A disabled service: all its units, wanted and unwanted, are stopped and not started at boot. Its files, databases and
 * data stay.
 */
export function absentOperations({ units, absentUnits = [] }: Part): Operation[] {
  return ensureAbsentUnits([...units, ...absentUnits])
}

/** A readiness check as an operation that is only ever checked. */
export function readyOperation(ready: Extract<Readiness, { command: string }>, timeScale: number): Operation {
  const seconds = Math.ceil(commandSeconds(ready, { timeScale }))
  return {
    ...readySubject(ready),
    check: `run_as - ${seconds} ${heredoc(ready.command)}`,
    apply: 'false',
  }
}

/** The nodes that have a part of this service, or run its checks. */
export function nodesOf(part: Pick<Part, 'on'>, lab: Lab): LabNode[] {
  return nodesWith(lab, part.on)
}

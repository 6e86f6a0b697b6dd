/** How the nodes differ from what the services declare: one script per node, one listing of Keystone. */

import { openIdentity } from '../cloud/identity-client.ts'
import { CommandError, ConnectError, NotReadyError } from '../declaration/errors.ts'
import { controllerOf, type Lab, type LabNode } from '../declaration/lab.ts'
import type { ServiceName } from '../declaration/service-profiles.ts'
import { type ApplyContext, hostOf, identityTarget, readySettings, runSettings } from './apply.ts'
import { absentLooks, compareIdentity, presentLooks } from './identity.ts'
import { readListing } from './listing.ts'
import type { Change, Operation } from './operation.ts'
import { absentOperations, databaseOperations, nodesOf, partOperations, readyOperation } from './operations.ts'
import { readyCheck, readySubject } from './ready.ts'
import { runOperations } from './run-operations.ts'
import type { Readiness, Service } from './service.ts'

export type Drift = Map<ServiceName, Change[]>

/**
 * Leaves out services that are only not ready while a service that they need differs too: without the broker Nova's
 * daemons are down, and recover with it. If one does not, verify reports it, and it counts as drift the next time.
 */
export function withoutWake(drift: Drift, services: readonly Pick<Service, 'name' | 'needs'>[]): Drift {
  const differs = (name: ServiceName) => (drift.get(name)?.length ?? 0) > 0
  const suffers = (name: ServiceName): boolean =>
    services.find((one) => one.name === name)?.needs.some((need) => differs(need) || suffers(need)) ?? false
  const isUnready = ({ kind }: Change) => kind === 'check'
  return new Map([...drift].map(([name, found]) => [name, found.every(isUnready) && suffers(name) ? [] : found]))
}

/** Changes nothing. A node or Keystone that does not answer counts as a difference of every service that needs it. */
export async function readDifferences(services: readonly Service[], context: ApplyContext) {
  const differences = new Map<ServiceName, Change[]>(services.map(({ name }) => [name, []]))
  const add = (name: ServiceName, changes: readonly Change[]) =>
    differences.set(name, withoutRepeats([...(differences.get(name) ?? []), ...changes]))
  const { lab } = context
  const isOn = ({ name }: Service) => lab.services[name]
  await Promise.all([
    ...lab.nodes.map((node) => readNode(node, placedOperations(services, node, lab, context), context, add)),
    ...lab.nodes.map((node) => readNode(node, placedChecks(services.filter(isOn), node, lab), context, add)),
    readIdentities(services, context, add),
    ...services.filter(isOn).map((service) => readUrls(service, context, add)),
  ])
  return differences
}

/** Two parts of a service on one node list a file that both of them restart for: it differs once. */
export function withoutRepeats(changes: readonly Change[]): Change[] {
  const told = (change: Change) => JSON.stringify([change.node, change.title, change.reason])
  return [...new Map(changes.map((change) => [told(change), change])).values()]
}

type Add = (name: ServiceName, changes: readonly Change[]) => void

/** An operation and the service it belongs to. */
interface Placed {
  service: ServiceName
  operation: Operation
}

function placedOperations(services: readonly Service[], node: LabNode, lab: Lab, context: ApplyContext): Placed[] {
  return services.flatMap((service) => {
    const on = service.parts.filter((part) => nodesOf(part, lab).includes(node))
    const databases = node === controllerOf(lab) ? databaseOperations(service, lab) : []
    const operations = lab.services[service.name]
      ? [...databases, ...on.flatMap((part) => partOperations(part, node, lab, context.places))]
      : on.flatMap(absentOperations)
    return operations.map((operation) => ({ service: service.name, operation }))
  })
}

/** Readiness checks run in parallel with the others: some call a slow client. */
function placedChecks(services: readonly Service[], node: LabNode, lab: Lab): Placed[] {
  const here = (check: Readiness) => 'command' in check && nodesOf(check, lab)[0] === node
  return services.flatMap((service) =>
    service.ready.filter(here).map((check) => ({
      service: service.name,
      operation: readyOperation(check as Extract<Readiness, { command: string }>, lab.timeScale),
    })),
  )
}

async function readNode(node: LabNode, placed: readonly Placed[], context: ApplyContext, add: Add): Promise<void> {
  const operations = placed.map(({ operation }) => operation)
  try {
    const settings = { ...runSettings('drift', context), dry: true }
    for (const { index, ...change } of await runOperations(hostOf(node, context), operations, settings)) {
      add(placed[index]!.service, [change])
    }
  } catch (error) {
    const reason = describe(error)
    for (const service of new Set(placed.map((one) => one.service)))
      add(service, [{ node: node.name, phase: 'connection', kind: 'node', title: 'node', reason }])
  }
}

async function readIdentities(services: readonly Service[], context: ApplyContext, add: Add): Promise<void> {
  const registered = services
    .map((service) => ({
      name: service.name,
      looks: context.lab.services[service.name] ? presentLooks(service) : absentLooks(service),
    }))
    .filter(({ looks }) => looks.length > 0)
  if (registered.length === 0) return
  const node = controllerOf(context.lab).name
  try {
    const client = await openIdentity(identityTarget(context, 0))
    const listing = await readListing(client)
    await Promise.all(
      registered.map(async ({ name, looks }) => {
        const faults = await compareIdentity(client, listing, { region: context.lab.region, looks })
        add(
          name,
          faults.map(({ repair: _, ...difference }) => ({ node, ...difference })),
        )
      }),
    )
  } catch (error) {
    const reason = describe(error)
    for (const { name } of registered)
      add(name, [{ node, phase: 'connection', kind: 'keystone', title: 'keystone', reason }])
  }
}

async function readUrls(service: Service, context: ApplyContext, add: Add): Promise<void> {
  const settings = readySettings(service, context)
  await Promise.all(
    service.ready.map(async (ready) => {
      if (!('url' in ready)) return
      for (const { ok, seen } of await readyCheck(ready, settings).observe(settings))
        if (!ok) add(service.name, [{ node: settings.hostFor(ready).name, ...readySubject(ready), reason: seen }])
    }),
  )
}

/** Only errors that a node or a service can cause; our own bugs are thrown. */
function describe(error: unknown): string {
  if (error instanceof ConnectError) return `does not answer: ${error.detail}`
  if (error instanceof NotReadyError) return `does not answer: ${error.lastAnswer}`
  if (error instanceof CommandError) return error.failure.output.trim().split('\n').slice(-5).join('; ')
  throw error
}

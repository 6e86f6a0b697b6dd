/** Brings a service on its nodes to the state that its data declares: databases, identity, each part, then ready. */

import { openIdentity } from '../cloud/identity-client.ts'
import { urlOf } from '../declaration/endpoints.ts'
import { ConnectError } from '../declaration/errors.ts'
import { controllerOf, type Lab, type LabNode } from '../declaration/lab.ts'
import type { Secrets } from '../declaration/secret-names.ts'
import { profileOf } from '../declaration/service-profiles.ts'
import type { Host } from '../run/host.ts'
import { sshHost } from '../run/ssh.ts'
import { timeouts } from '../run/timeouts.ts'
import { poll } from '../run/wait-for.ts'
import { absentLooks, ensureIdentity, type Look, presentLooks } from './identity.ts'
import { lacksSource, offerPackages, type PackageFiles } from './offer.ts'
import type { Change, Operation, Subject } from './operation.ts'
import { absentOperations, databaseOperations, nodesOf, partOperations } from './operations.ts'
import { ensurePackages } from './packages.ts'
import { waitUntilReady } from './ready.ts'
import { runOperations } from './run-operations.ts'
import { type NodePlaces, nodePlaces } from './script.ts'
import type { Part, Readiness, Service } from './service.ts'

export interface ApplyContext {
  lab: Lab
  secrets: Secrets
  /** Only checks, in one round trip per node; returns what differs. */
  dry?: boolean
  onChange?: (change: Change) => void
  /** What is being done on a node now. */
  onStart?: (node: string, operation: Subject) => void
  /** What is being waited for, and the last answer. */
  onWait?: (what: string, answer: string) => void
  /** The node as a command runner; default ssh. */
  hostFor?: (node: LabNode) => Host
  /** Where a node of the lab's own image gets packages that it has lost; default nowhere. */
  packageFiles?: PackageFiles
  /** Keystone; default the controller's. */
  identityUrl?: string
  places?: NodePlaces
}

const phases = [applyDatabases, applyIdentity, applyParts, applyReady]

/**
 * Returns what was changed and why; a second run returns nothing. If it is killed, the next run finishes it. Throws
 * ConnectError, CommandError or NotReadyError; what was done before stays done.
 */
export async function applyService(service: Service, context: ApplyContext): Promise<Change[]> {
  const changes: Change[] = []
  for (const phase of phases) changes.push(...(await phase(service, context)))
  return changes
}

/** A disabled service: neither in the catalog nor running. Its databases and data stay. */
export async function withdrawService(service: Service, context: ApplyContext): Promise<Change[]> {
  const unlisted = await applyLooks(absentLooks(service), context)
  const stopped = await inOrder(service.parts, (part) =>
    onAll(nodesOf(part, context.lab), (node) => runOn(node, service, absentOperations(part), context)),
  )
  return [...unlisted, ...stopped]
}

async function applyDatabases(service: Service, context: ApplyContext): Promise<Change[]> {
  return runOn(controllerOf(context.lab), service, databaseOperations(service, context.lab), context)
}

async function applyIdentity(service: Service, context: ApplyContext): Promise<Change[]> {
  return applyLooks(presentLooks(service), context)
}

async function applyLooks(looks: readonly Look[], context: ApplyContext): Promise<Change[]> {
  if (looks.length === 0) return []
  const { lab, onChange } = context
  const client = await openIdentity(identityTarget(context, timeouts.cloud.keystone.seconds))
  const settings = { region: lab.region, node: controllerOf(lab).name, looks, ...(onChange ? { onChange } : {}) }
  return ensureIdentity(client, settings)
}

async function applyParts(service: Service, context: ApplyContext): Promise<Change[]> {
  const apply = (part: Part) => onAll(nodesOf(part, context.lab), (node) => applyPart(part, node, service, context))
  return inOrder(partsAtOnce(service.parts), (parts) => onAll(parts, apply))
}

/** A node without a package source gets them from this machine. */
async function applyPart(part: Part, node: LabNode, service: Service, context: ApplyContext): Promise<Change[]> {
  const run = (operations: readonly Operation[]) => runOn(node, service, operations, context)
  const operations = partOperations(part, node, context.lab, context.places)
  try {
    return await run(operations)
  } catch (error) {
    const { packageFiles, places } = context
    if (!packageFiles || !lacksSource(error)) throw error
    const wanted = part.packages
    const offer = { host: hostOf(node, context), wanted, packageFiles, place: (places ?? nodePlaces).run }
    const installed = await offerPackages(offer, (folder) => run(ensurePackages(wanted, { folder })))
    return [...installed, ...(await run(operations))]
  }
}

/** Lists of what can run together; each list must be done before the next begins. */
function partsAtOnce(parts: readonly Part[]): Part[][] {
  const groups: Part[][] = []
  for (const part of parts) {
    if (part.alongside && groups.length > 0) groups.at(-1)!.push(part)
    else groups.push([part])
  }
  return groups
}

async function applyReady(service: Service, context: ApplyContext): Promise<Change[]> {
  const settings = readySettings(service, context)
  await onAll(service.ready, async (ready) => {
    await waitUntilReady(ready, settings)
    return []
  })
  return []
}

/** Keystone as admin, by address: this host needs no host name for it. */
export function identityTarget({ lab, secrets, identityUrl }: ApplyContext, timeoutSeconds: number) {
  return {
    url: identityUrl ?? `${urlOf(lab, 'keystone')}/v3`,
    adminPassword: secrets.admin_password,
    timeScale: lab.timeScale,
    timeoutSeconds,
    lookAt: `./lab ssh ${controllerOf(lab).name} 'tail -n 50 /var/log/keystone/*.log'`,
  }
}

export function readySettings(service: Service, context: ApplyContext) {
  const { lab } = context
  const roleOf = (check: Readiness) => ('on' in check ? check.on : (service.parts[0]?.on ?? 'controller'))
  const nodeOf = (check: Readiness) => nodesOf({ on: roleOf(check) }, lab)[0] ?? controllerOf(lab)
  return {
    label: service.name,
    timeScale: lab.timeScale,
    secrets: Object.values(context.secrets),
    hostFor: (check: Readiness) => hostOf(nodeOf(check), context),
    lookAt: (check: Readiness) => lookAt(nodeOf(check), service),
    ...(context.onWait ? { onWait: context.onWait } : {}),
  }
}

/** OpenStack's daemons write to their own log files, the others to the journal. */
function lookAt(node: LabNode, service: Service): string {
  const units = service.parts
    .filter(({ on }) => on === 'all' || node.roles.includes(on))
    .flatMap((part) => part.units)
    .map((unit) => `-u ${unit}`)
  const { logs } = profileOf(service.name)
  return `./lab ssh ${node.name} 'journalctl -n 50 ${units.join(' ')}${logs ? `; tail -n 50 ${logs.join(' ')}` : ''}'`
}

export function hostOf(node: LabNode, { lab, hostFor }: ApplyContext): Host {
  return hostFor ? hostFor(node) : sshHost(lab, node)
}

function runOn(node: LabNode, service: Service, operations: readonly Operation[], context: ApplyContext) {
  const host = hostOf(node, context)
  return whileBooting(context.lab, () => runOperations(host, operations, runSettings(service.name, context)))
}

export function runSettings(label: string, { lab, secrets, dry, onChange, onStart, places }: ApplyContext) {
  return {
    label,
    dry: dry ?? false,
    timeScale: lab.timeScale,
    secrets: Object.values(secrets),
    ...(places ? { places } : {}),
    ...(onChange ? { onChange } : {}),
    ...(onStart ? { onStart } : {}),
  }
}

/** Errors of a node that is still booting; any other error (a wrong key, a wrong route) does not go away by itself. */
const booting = /refused|timed out|timeout|no route to host|closed by|reset by|broken pipe|not responding/i

/** Retries while the node is booting, then throws ssh's own error. */
async function whileBooting<T>(lab: Lab, work: () => Promise<T>): Promise<T> {
  const attempt = () =>
    work().then(
      (done) => ({ done }),
      (error: unknown) => {
        if (error instanceof ConnectError && booting.test(error.detail)) return { error }
        throw error
      },
    )
  const { seen } = await poll(
    lab,
    { timeoutSeconds: timeouts.nodes.booted.seconds, pauseSeconds: 0.3 },
    attempt,
    (seen) => 'done' in seen,
  )
  if ('error' in seen) throw seen.error
  return seen.done
}

async function inOrder<T>(items: readonly T[], work: (item: T) => Promise<Change[]>): Promise<Change[]> {
  const changes: Change[] = []
  for (const item of items) changes.push(...(await work(item)))
  return changes
}

/** Runs all at the same time and waits for all, so that nothing goes on unnoticed after the first error. */
async function onAll<T>(items: readonly T[], work: (item: T) => Promise<Change[]>): Promise<Change[]> {
  const results = await Promise.allSettled(items.map(work))
  const failed = results.find((result) => result.status === 'rejected')
  if (failed) throw failed.reason
  return results.flatMap((result) => (result.status === 'fulfilled' ? result.value : []))
}

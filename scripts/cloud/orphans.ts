/**
 * Finds and removes what a killed run leaves in the cloud: objects with this lab's mark that are not in Terraform's
 * state.
 */

import { existsSync, readFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { type Finding, isExpected, LabError } from '../declaration/errors.ts'
import type { Lab } from '../declaration/lab.ts'
import type { Secrets } from '../declaration/secret-names.ts'
import { runExpected } from '../run/expected.ts'
import { timeouts } from '../run/timeouts.ts'
import { waitFor } from '../run/wait-for.ts'
import { tell } from '../terminal/print.ts'
import { shellQuote } from '../terminal/shell-quote.ts'
import { stateFile } from '../terraform/state.ts'
import { type CloudClient, openCloud } from './client.ts'
import { markOf } from './mark.ts'
import { type MarkedObject, readMarkedObjects } from './marked-objects.ts'
import { checkTwins, readTwinRules } from './twins.ts'

interface State {
  resources?: { type: string; instances?: { attributes?: { id?: string } }[] }[]
}

/** `type id` of everything in a Terraform state; empty if there is none. */
export function knownObjects(state: string): Set<string> {
  const { resources = [] } = state.trim() ? (JSON.parse(state) as State) : {}
  return new Set(
    resources.flatMap(({ type, instances = [] }) => instances.map(({ attributes }) => `${type} ${attributes?.id}`)),
  )
}

/** What is marked but not in the state, in the given order. An attachment is removed with its server if that is an orphan too. */
export function orphansAmong(marked: readonly MarkedObject[], known: ReadonlySet<string>): MarkedObject[] {
  const orphans = marked.filter(({ type, id }) => !known.has(`${type} ${id}`))
  const servers = orphans.filter(({ type }) => type === 'openstack_compute_instance_v2')
  return orphans.filter(
    ({ type, id }) =>
      type !== 'openstack_compute_volume_attach_v2' || !servers.some((server) => id.startsWith(`${server.id}/`)),
  )
}

/** Its state, where an object has one: of its own, or of its place on the network. */
function statusOf(found: unknown): string {
  const [inner] = Object.values(Object(found)) as [{ status?: string } | undefined]
  return inner?.status ?? 'there'
}

/**
 * Asks again and again: what is still being made, attached or detached cannot be deleted until that has ended (400, 409),
 * and the services end it by themselves.
 */
async function removeObject(
  cloud: CloudClient,
  lab: Lab,
  { type, name, service, path, put, patch, headers = {} }: MarkedObject,
): Promise<void> {
  await waitFor(
    lab,
    { what: `${type} ${name} is removed`, timeoutSeconds: timeouts.cloud.removal.seconds, next: './lab status' },
    async () => {
      const allow = [400, 404, 409]
      if (patch) await cloud.patch(service, patch.path, { body: patch.body, headers: patch.headers ?? {}, allow })
      if (put) await cloud.put(service, put.path, { body: put.body, allow })
      else await cloud.delete(service, path, { allow, headers })
      const left = await cloud.get(service, path, { allow: [404], headers })
      return left === undefined ? { found: true } : { now: `still ${statusOf(left)}` }
    },
  )
}

/** One after the other, in the order given. */
export async function removeObjects(cloud: CloudClient, lab: Lab, objects: readonly MarkedObject[]): Promise<void> {
  for (const object of objects) await removeObject(cloud, lab, object)
}

interface Port {
  id: string
  network_id: string
  device_id: string
  device_owner: string
  description: string
}

/** A network missing from Terraform's state cannot be recreated under users' ports: refused before anything is removed. */
async function checkUnused(
  cloud: CloudClient,
  lab: Lab,
  orphans: readonly MarkedObject[],
  marked: readonly MarkedObject[],
): Promise<void> {
  const networks = orphans.filter(({ type }) => type === 'openstack_networking_network_v2')
  if (networks.length === 0) return
  const { ports } = await cloud.get<{ ports: Port[] }>('network', '/v2.0/ports')
  // Neutron's own go with the network. Those that Nova makes bear no mark, but a server of the lab's does.
  const users = ports.filter(
    ({ device_id, device_owner, description }) =>
      !device_owner.startsWith('network:') && description !== markOf(lab) && !marked.some(({ id }) => id === device_id),
  )
  const findings = networks.flatMap(({ id, name }) => {
    const here = users.filter(({ network_id }) => network_id === id)
    const servers = here.filter(isServers).map(({ device_id }) => device_id)
    const others = here.filter((port) => !isServers(port)).map((port) => port.id)
    return [...stillUsed(lab, name, 'server', servers), ...stillUsed(lab, name, 'port', others)]
  })
  if (findings.length > 0) throw new LabError(findings)
}

const isServers = ({ device_owner }: Port) => device_owner.startsWith('compute:')

/** `kind` is the client's word for what is on the network. A server may be on it twice. */
function stillUsed(lab: Lab, network: string, kind: 'server' | 'port', found: readonly string[]): Finding[] {
  const ids = [...new Set(found)]
  if (ids.length === 0) return []
  return [
    {
      where: `network ${network} in the cloud`,
      given: `${stateFile(lab, 'cloud')} does not contain it, and ${kind}s use it: ${ids.join(', ')}`,
      allowed: `a state that contains it, or no ${kind}s that use it, because it must be created again`,
      remedy: `restore the file from a backup, or ./lab openstack ${kind} delete ${ids.map(shellQuote).join(' ')} && ./lab up`,
    },
  ]
}

/**
 * Removes what `state` (the text of Terraform's state, empty if there is none) does not know, and what a user has put
 * in its place and is the same; gives their names.
 */
export async function removeOrphans(cloud: CloudClient, lab: Lab, state: string): Promise<string[]> {
  const marked = await readMarkedObjects(cloud, lab)
  const known = knownObjects(state)
  const orphans = orphansAmong(marked, known)
  const [rules] = await Promise.all([
    readTwinRules(cloud, marked, known),
    checkTwins(cloud, lab, marked, known),
    checkUnused(cloud, lab, orphans, marked),
  ])
  const all = [...rules, ...orphans]
  await removeObjects(cloud, lab, all)
  return all.map(({ type, name }) => `${type} ${name}`)
}

/**
 * Removes what an interrupted run made and Terraform did not record, so that the next apply does not meet its own
 * objects as strangers. Only objects with this lab's mark are touched. Gives what was removed; the second time, nothing.
 * Throws NotReadyError if the cloud does not answer, LabError if users' objects are in the way.
 */
export async function removeOrphansOf(lab: Lab, secrets: Secrets): Promise<string[]> {
  const file = stateFile(lab, 'cloud')
  return removeOrphans(await openCloud(lab, secrets), lab, existsSync(file) ? readFileSync(file, 'utf8') : '')
}

/** As a program, before the literal `cdktf deploy`: a cloud that does not answer yet holds nothing to remove. */
async function removeWhereReachable(): Promise<void> {
  const [{ loadLab }, { loadSecrets }] = await Promise.all([
    import('../declaration/load.ts'),
    import('../declaration/secrets.ts'),
  ])
  const lab = loadLab()
  const secrets = loadSecrets(lab.root)
  const answers = await openCloud(lab, secrets, 5).catch((error: unknown) => {
    if (isExpected(error)) return undefined
    throw error
  })
  if (!answers) return
  for (const name of await removeOrphansOf(lab, secrets)) tell(`  removed, because it would be in the way: ${name}`)
}

if (process.argv[1] === fileURLToPath(import.meta.url)) await runExpected(removeWhereReachable)

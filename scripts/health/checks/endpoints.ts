/** Every endpoint of the catalog: there for each service that is on, and answered by a service that works. */

import type { CatalogEntry, CloudClient } from '../../cloud/client.ts'
import { serviceOfType, whereToLook } from '../../cloud/where-to-look.ts'
import { controllerOf, type Lab } from '../../declaration/lab.ts'
import { profileOf, serviceNames } from '../../declaration/service-profiles.ts'
import { endpointInterfaces } from '../../engine/catalog.ts'
import { failed, type Observation } from '../../run/check.ts'
import { timeouts } from '../../run/timeouts.ts'
import type { LabCheck } from '../check.ts'

/** A request of each service that needs its database and a valid token, so that an answer means a working service. */
const questions: Readonly<Record<string, string | undefined>> = Object.fromEntries(
  serviceNames.flatMap((name) => (profileOf(name).catalog ?? []).map(({ type, question }) => [type, question])),
)

/** Of an API that no token opens: it works, and wants another proof. */
const refusals = [300, 400, 401, 403, 404]

/** Those of the three that are not among these. */
export const missingInterfaces = (endpoints: readonly { interface: string }[]) =>
  endpointInterfaces.filter((name) => !endpoints.some((endpoint) => endpoint.interface === name))

/** Catalog type and service of what is on. */
const wantedTypes = (lab: Lab) => Object.entries(serviceOfType).filter(([, service]) => lab.services[service])

/** What the catalog has of the lab's own: other types and other regions are a user's, whose endpoints may be dead. */
export function entriesOfLab(lab: Lab, catalog: readonly CatalogEntry[]): CatalogEntry[] {
  const types = wantedTypes(lab).map(([type]) => type)
  return catalog
    .filter(({ type }) => types.includes(type))
    .map((entry) => ({ ...entry, endpoints: entry.endpoints.filter(({ region }) => region === lab.region) }))
}

/** A service that is on but has no entry, or lacks one of its three interfaces in this region. */
export function judgeCatalog(lab: Lab, catalog: readonly CatalogEntry[]): Observation[] {
  const own = entriesOfLab(lab, catalog)
  return wantedTypes(lab).flatMap(([type, service]) => {
    const missing = missingInterfaces(own.filter((entry) => entry.type === type).flatMap((entry) => entry.endpoints))
    if (!missing.length) return []
    return [
      {
        id: `catalog/${service}${profileOf(service).catalog?.[0]?.type === type ? '' : `/${type}`}`,
        what: `catalog has ${service}, type ${type}`,
        ok: false,
        seen: `no ${missing.join(', ')} endpoint`,
        next: `npx tsx scripts/provision.ts ${service}`,
      },
    ]
  })
}

/** Of seconds, what is worth saying. */
const toMilliseconds = (seconds: number) => Math.round(seconds * 1000) / 1000

async function askEndpoint(lab: Lab, cloud: CloudClient, entry: CatalogEntry, url: string): Promise<Observation> {
  const first = endpointInterfaces.find((name) =>
    entry.endpoints.some((one) => one.interface === name && one.url === url),
  )
  const about = { id: `endpoint/${entry.type}/${first}`, what: `${entry.name} answers at ${url}` }
  const started = performance.now()
  const base = url.replace(/\/$/, '')
  try {
    // Keystone's catalog may name the server without the version of its API.
    const path = `${entry.type === 'identity' && !base.endsWith('/v3') ? '/v3' : ''}${questions[entry.type] ?? ''}`
    const allow = questions[entry.type] === undefined ? refusals : []
    const answer = await cloud.get(entry.type, `${base}${path}`, { allow })
    const seconds = (performance.now() - started) / 1000
    const status = answer === undefined ? {} : { status: 200 }
    const data = { url, ...status, seconds: toMilliseconds(seconds) }
    const seen = `${status.status ?? 'an answer'} in ${seconds.toFixed(1)} s`
    return { ...about, ok: true, seen, data, next: '' }
  } catch (error) {
    return { ...failed(about, error), next: whereToLook(entry.type, controllerOf(lab).name) }
  }
}

/** One line for each address of the lab's own in the catalog; the three interfaces of a service mostly share one. */
export const endpointsCheck: LabCheck = {
  id: 'endpoints',
  what: () => 'every endpoint of the catalog answers',
  timeoutSeconds: timeouts.verify.others.seconds,
  async observe({ lab, cloud: signIn }) {
    const cloud = await signIn()
    const targets = entriesOfLab(lab, cloud.catalog).flatMap((entry) =>
      [...new Set(entry.endpoints.map(({ url }) => url))].map((url) => askEndpoint(lab, cloud, entry, url)),
    )
    return [...judgeCatalog(lab, cloud.catalog), ...(await Promise.all(targets))]
  },
}

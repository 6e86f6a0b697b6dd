/** `./lab open --api`: which APIs it offers on 127.0.0.1, on which ports, and how a client finds them. */

import { rmSync } from 'node:fs'
import { cloudsOf, writeLocalClouds } from '../cloud/access-files.ts'
import { serveApi } from '../cloud/api-proxy.ts'
import { type LocalApi, localOrigin } from '../cloud/local-links.ts'
import { LabError } from '../declaration/errors.ts'
import { controllerOf, type Lab } from '../declaration/lab.ts'
import type { Secrets } from '../declaration/secret-names.ts'
import { type ForwardedPort, isFree } from '../run/forward.ts'
import { enabledServices, serviceOf } from '../services/index.ts'
import { registeredOf } from '../services/registered.ts'
import { shellQuote } from '../terminal/shell-quote.ts'

export interface OfferedApi extends LocalApi {
  /** Its entry in the catalog: `image`. */
  type: string
  /** Where it listens in the lab. */
  target: { host: string; port: number }
}

/** Everything that is in Keystone's catalog, Keystone first; so neither the metadata API nor database and queue. */
export function catalogApis(lab: Lab, secrets: Secrets): Omit<OfferedApi, 'port'>[] {
  const { name, address: host } = controllerOf(lab)
  const entries = enabledServices(lab).flatMap((one) => registeredOf(serviceOf(lab, secrets, one), lab).entries)
  return entries.map(({ type, url }) => {
    // The rest of it may be a template: /v1/%(project_id)s
    const port = Number(/^http:\/\/[^/]+:(\d+)/.exec(url)?.[1])
    return { type, inside: [`${host}:${port}`, `${name}:${port}`], target: { host, port } }
  })
}

/** What is added to each port, until all are free: a second lab gets other ports, in the same order. */
const shifts = [0, 10_000, 20_000, 30_000, 40_000, 50_000]

/** The services' own ports, or the same ones shifted. Throws LabError if none of these sets is free. */
export async function choosePorts(apis: readonly Omit<OfferedApi, 'port'>[], taken: readonly number[]) {
  const own = apis.map(({ target }) => target.port)
  for (const shift of shifts) {
    const wanted = own.map((port) => port + shift)
    const free = await Promise.all(wanted.map(async (port) => !taken.includes(port) && (await isFree(port))))
    if (free.every(Boolean)) return apis.map((api, index): OfferedApi => ({ ...api, port: wanted[index]! }))
  }
  const where = `ports ${own.join(', ')} on 127.0.0.1`
  const given = `in use, at least one of them; also with ${shifts.slice(1).join(', ')} added to each`
  throw new LabError([{ where, given, allowed: 'free ports; ss -tln shows those in use' }])
}

export function forwardedApis(apis: readonly OfferedApi[]): ForwardedPort[] {
  return apis.map((api) => ({
    name: `api-${api.port}`,
    port: api.port,
    target: api.target,
    where: `the ${api.type} API`,
    serve: (way) => serveApi(api, way, apis),
  }))
}

/** Also for clients that are not told of the lab's own files. `remove` when nothing listens any more. */
export function writeClientFile(lab: Lab, secrets: Secrets, [identity]: readonly OfferedApi[]) {
  const file = writeLocalClouds(lab, secrets, `${localOrigin(identity!)}/v3`)
  return { file, remove: () => rmSync(file, { force: true }) }
}

/** Where the APIs are, and commands to paste. */
export function describeApis(
  lab: Lab,
  [identity, ...others]: readonly OfferedApi[],
  { file, environment = process.env }: { file: string; environment?: NodeJS.ProcessEnv },
): string[] {
  const usesProxy = ['http_proxy', 'HTTP_PROXY', 'all_proxy', 'ALL_PROXY'].some((name) => environment[name])
  const variables = `${usesProxy ? 'no_proxy=127.0.0.1 ' : ''}OS_CLIENT_CONFIG_FILE=${shellQuote(file)}`
  const ports = others.map(({ type, port }) => `${type} ${port}`).join(', ')
  return [
    `APIs        ${localOrigin(identity!)}/v3 (identity); its catalog leads to the others: ${ports}`,
    ...cloudsOf(lab).map(
      (cloud, index) =>
        `${index ? '     or     ' : '  try       '}${variables} openstack --os-cloud ${cloud} server list`,
    ),
  ]
}

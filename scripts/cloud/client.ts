/** Reading the lab's cloud over REST: one token, the catalog, and requests to a service by its type. */

import { urlOf as urlOfService } from '../declaration/endpoints.ts'
import { NotReadyError } from '../declaration/errors.ts'
import type { Lab } from '../declaration/lab.ts'
import { controllerOf } from '../declaration/lab.ts'
import type { Secrets } from '../declaration/secret-names.ts'
import { checkRoute } from '../run/ssh.ts'
import { ask, check } from './ask.ts'
import { whereToLook } from './where-to-look.ts'

interface CatalogEndpoint {
  interface: string
  region: string
  url: string
}

export interface CatalogEntry {
  type: string
  name: string
  endpoints: readonly CatalogEndpoint[]
}

interface CloudRequest {
  /** Sent as JSON; bytes, and a stream of them, are sent as they are. */
  body?: unknown
  /** In place of the client's own, for a request that takes its time. */
  timeoutSeconds?: number
  headers?: Record<string, string>
  /** Answers that are no failure, besides 2xx; they give undefined. */
  allow?: readonly number[]
}

export interface CloudClient {
  /** Of the project that was signed in to. */
  projectId: string
  catalog: readonly CatalogEntry[]
  /** Base URL of a service's public endpoint, without a trailing slash. */
  urlOf(type: string): string
  /** `path` is relative to the endpoint, or a whole URL. Gives the parsed body; undefined where there is none. */
  get<T>(type: string, path: string, request?: CloudRequest): Promise<T>
  post<T>(type: string, path: string, request?: CloudRequest): Promise<T>
  put<T>(type: string, path: string, request?: CloudRequest): Promise<T>
  delete(type: string, path: string, request?: CloudRequest): Promise<void>
}

export interface CloudAccess {
  authUrl: string
  /** User, and project of the same name. */
  name: string
  password: string
  region: string
  /** For one request. */
  timeoutSeconds: number
  /** Name of the node that errors point at. */
  controller: string
}

interface TokenBody {
  token: { catalog: CatalogEntry[]; project: { id: string } }
}

function credentials({ name, password }: Pick<CloudAccess, 'name' | 'password'>) {
  const domain = { id: 'default' }
  return {
    auth: {
      identity: { methods: ['password'], password: { user: { name, domain, password } } },
      scope: { project: { name, domain } },
    },
  }
}

const json = { 'Content-Type': 'application/json', Accept: 'application/json' }

/** Signs in. Throws NotReadyError with the last answer and where to look, never with the password. */
export async function signIn(access: CloudAccess): Promise<CloudClient> {
  const { region, timeoutSeconds } = access
  const look = (type: string) => whereToLook(type, access.controller)
  const answer = await ask(
    { method: 'POST', url: `${access.authUrl}/auth/tokens`, timeoutSeconds, next: look('identity') },
    { headers: json, body: JSON.stringify(credentials(access)) },
  )
  const { token } = check(answer) as TokenBody
  const secret = answer.headers.get('X-Subject-Token') ?? ''
  const urlOf = (type: string) => endpointOf(token.catalog, type, region).url.replace(/\/$/, '')
  const send = async (method: string, type: string, path: string, request: CloudRequest = {}) => {
    const url = path.startsWith('http') ? path : `${urlOf(type)}${path}`
    const sent = await ask(
      { method, url, timeoutSeconds: request.timeoutSeconds ?? timeoutSeconds, next: look(type) },
      { headers: { ...json, 'X-Auth-Token': secret, ...request.headers }, ...bodyOf(request) },
    )
    return check(sent, request.allow)
  }
  return {
    projectId: token.project.id,
    catalog: token.catalog,
    urlOf,
    get: async <T>(type: string, path: string, request?: CloudRequest) => (await send('GET', type, path, request)) as T,
    post: async <T>(type: string, path: string, request?: CloudRequest) =>
      (await send('POST', type, path, request)) as T,
    put: async <T>(type: string, path: string, request?: CloudRequest) => (await send('PUT', type, path, request)) as T,
    delete: async (type, path, request) => void (await send('DELETE', type, path, request)),
  }
}

function bodyOf({ body }: CloudRequest): RequestInit {
  if (body === undefined) return {}
  // fetch takes any stream of bytes, which its types do not say.
  if (Object(body)[Symbol.asyncIterator]) return { body, duplex: 'half' } as RequestInit
  return { body: body instanceof Uint8Array ? new Uint8Array(body) : JSON.stringify(body) }
}

function endpointOf(catalog: readonly CatalogEntry[], type: string, region: string): CatalogEndpoint {
  // A user's service of the same type may come first, in another region or in none.
  const found = catalog
    .filter((one) => one.type === type)
    .flatMap(({ endpoints }) => endpoints)
    .find((one) => one.interface === 'public' && one.region === region)
  if (found) return found
  throw new NotReadyError(
    `a public endpoint of type ${type} in ${region}`,
    0,
    `the catalog has ${catalog.map((one) => one.type).join(', ') || 'no service'}`,
    './lab openstack catalog list',
  )
}

/** Where Keystone of this lab listens: named by address, so that nobody's /etc/hosts matters. */
export function authUrlOf(lab: Lab): string {
  return `${urlOfService(lab, 'keystone')}/v3`
}

/**
 * Signs in to this lab's cloud as admin, or as another user, by the lab's own bridge only. `timeoutSeconds` is for one
 * request at native speed.
 */
export async function openCloud(
  lab: Lab,
  secrets: Secrets,
  timeoutSeconds = 30,
  user = { name: 'admin', password: secrets.admin_password },
): Promise<CloudClient> {
  await checkRoute(lab, controllerOf(lab))
  return signIn({
    authUrl: authUrlOf(lab),
    ...user,
    region: lab.region,
    timeoutSeconds: timeoutSeconds * lab.timeScale,
    controller: controllerOf(lab).name,
  })
}

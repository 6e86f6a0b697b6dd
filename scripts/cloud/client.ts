/** A REST client for reading the lab's cloud: one token, the catalog, and requests to a service by its type. */

import { urlOf as urlOfService } from '../declaration/endpoints.ts'
import { NotReadyError } from '../declaration/errors.ts'
import type { Lab } from '../declaration/lab.ts'
import { controllerOf } from '../declaration/lab.ts'
import type { Secrets } from '../declaration/secret-names.ts'
import { checkRoute } from '../run/ssh.ts'
import { timeouts } from '../run/timeouts.ts'
import { type CloudAnswer, type CloudRequest, explain, parseBody, passwordLogin, request, tokenOf } from './request.ts'
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

type RequestOptions = Partial<Pick<CloudRequest, 'body' | 'headers' | 'timeoutSeconds'>> & {
  /** Answers that are no failure, besides 2xx; they give undefined. */
  allow?: readonly number[]
}

export interface CloudClient {
  /** Of the project that was signed in to. */
  projectId: string
  catalog: readonly CatalogEntry[]
  /** Base URL of a service's public endpoint, without a trailing slash. */
  urlOf(type: string): string
  /** `path` is relative to the endpoint, or a whole URL. Gives the parsed body; undefined if there is none. */
  get<T>(type: string, path: string, request?: RequestOptions): Promise<T>
  post<T>(type: string, path: string, request?: RequestOptions): Promise<T>
  put<T>(type: string, path: string, request?: RequestOptions): Promise<T>
  patch<T>(type: string, path: string, request?: RequestOptions): Promise<T>
  delete(type: string, path: string, request?: RequestOptions): Promise<void>
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

/** Signs in. Throws NotReadyError with the last answer and where to look, never with the password. */
export async function signIn(access: CloudAccess): Promise<CloudClient> {
  const { region, timeoutSeconds } = access
  const look = (type: string) => whereToLook(type, access.controller)
  const login = {
    ...{ method: 'POST', url: `${access.authUrl}/auth/tokens`, timeoutSeconds, next: look('identity') },
    body: passwordLogin(access.name, access.password, access.name),
  }
  const answer = await request(login)
  const { token } = check(login, answer) as TokenBody
  const urlOf = (type: string) => endpointOf(token.catalog, type, region).url.replace(/\/$/, '')
  const send = async (method: string, type: string, path: string, { allow, ...options }: RequestOptions = {}) => {
    const url = path.startsWith('http') ? path : `${urlOf(type)}${path}`
    const asked = { method, url, timeoutSeconds, next: look(type), token: tokenOf(answer), ...options }
    return check(asked, await request(asked), allow)
  }
  return {
    projectId: token.project.id,
    catalog: token.catalog,
    urlOf,
    get: async <T>(type: string, path: string, request?: RequestOptions) =>
      (await send('GET', type, path, request)) as T,
    post: async <T>(type: string, path: string, request?: RequestOptions) =>
      (await send('POST', type, path, request)) as T,
    put: async <T>(type: string, path: string, request?: RequestOptions) =>
      (await send('PUT', type, path, request)) as T,
    patch: async <T>(type: string, path: string, request?: RequestOptions) =>
      (await send('PATCH', type, path, request)) as T,
    delete: async (type, path, request) => void (await send('DELETE', type, path, request)),
  }
}

/** The parsed body; undefined for an empty one and for what is allowed. Throws NotReadyError with any other answer. */
function check({ method, url, next }: CloudRequest, answer: CloudAnswer, allow: readonly number[] = []): unknown {
  if (answer.status < 300) return parseBody(answer)
  if (allow.includes(answer.status)) return undefined
  throw new NotReadyError(`${method} ${url}`, 0, explain(answer), next)
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
  timeoutSeconds = timeouts.cloud.request.seconds,
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

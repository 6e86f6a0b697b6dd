/** One request to an API of the cloud: sends it with a token and a timeout, and reads the answer. */

import { NotReadyError } from '../declaration/errors.ts'
import { fetchError } from '../run/fetch-error.ts'
import { trace } from '../run/progress/trace.ts'

export interface CloudRequest {
  method: string
  url: string
  /** Real seconds. */
  timeoutSeconds: number
  /** The command that shows more when there is no good answer. */
  next: string
  token?: string
  /** Sent as JSON; bytes, and a stream of them, are sent as they are. */
  body?: unknown
  headers?: Record<string, string>
}

export interface CloudAnswer {
  status: number
  headers: Headers
  text: string
}

/** Gives the answer, whatever its status. Throws NotReadyError if none comes in time. */
export async function request(request: CloudRequest): Promise<CloudAnswer> {
  const { method, url, timeoutSeconds, token, next } = request
  const json = { 'Content-Type': 'application/json', Accept: 'application/json' }
  const headers = { ...json, ...(token ? { 'X-Auth-Token': token } : {}), ...request.headers }
  const started = performance.now()
  trace('host', `${method} ${url}`)
  try {
    const signal = AbortSignal.timeout(timeoutSeconds * 1000)
    const answer = await fetch(url, { method, headers, signal, ...bodyOf(request.body) })
    return { status: answer.status, headers: answer.headers, text: await answer.text() }
  } catch (error) {
    const waitedSeconds = Math.round((performance.now() - started) / 1000)
    throw new NotReadyError(`${method} ${url}`, waitedSeconds, fetchError(error), next)
  }
}

function bodyOf(body: unknown): RequestInit {
  if (body === undefined) return {}
  // fetch takes any stream of bytes, which its types do not say.
  if (Object(body)[Symbol.asyncIterator]) return { body, duplex: 'half' } as RequestInit
  return { body: body instanceof Uint8Array ? new Uint8Array(body) : JSON.stringify(body) }
}

/** Asks Keystone for a token of a user, in a project of the same domain or in none. */
export function passwordLogin(name: string, password: string, project?: string, domainId = 'default') {
  const domain = { id: domainId }
  const identity = { methods: ['password'], password: { user: { name, domain, password } } }
  return { auth: { identity, ...(project ? { scope: { project: { name: project, domain } } } : {}) } }
}

export const tokenOf = ({ headers }: CloudAnswer): string => headers.get('X-Subject-Token') ?? ''

/** The parsed body; undefined for an empty one. */
export function parseBody({ text }: CloudAnswer): unknown {
  if (!text) return undefined
  try {
    return JSON.parse(text)
  } catch {
    return text
  }
}

/** One line of an OpenStack error body: its message where there is one. */
export function explain({ status, text }: CloudAnswer): string {
  const found = /"message":\s*"((?:[^"\\]|\\.)*)"/.exec(text)
  return `${status} ${(found?.[1] ?? text).replaceAll(/\s+/g, ' ').slice(0, 300)}`.trim()
}

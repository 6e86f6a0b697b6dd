/** Keystone's REST API from this host, as admin: a call costs 20 ms where the command line client needs 1.5 s. */

import { CommandError } from '../declaration/errors.ts'
import { trace } from '../run/progress/trace.ts'
import { waitFor } from '../run/wait-for.ts'
import { fetchComplaint } from './ready.ts'

export interface IdentityTarget {
  /** `http://10.0.0.11:5000/v3` */
  url: string
  adminPassword: string
  timeScale: number
  /** How long a Keystone that refuses connections or answers 5xx is waited for, at native speed; 0: asked once. */
  timeoutSeconds: number
  /** The command that shows more. */
  lookAt: string
}

export interface Answer {
  status: number
  body: Record<string, unknown>
}

export interface IdentityClient {
  /** Throws CommandError for an answer outside 2xx that is not in `allow`. */
  request(method: string, path: string, body?: unknown, allow?: readonly number[]): Promise<Answer>
  /** True where this password opens a token for a user of the default domain. */
  logsIn(user: string, password: string): Promise<boolean>
}

/** Logs in as admin. Throws NotReadyError where Keystone does not answer, CommandError where it refuses the password. */
export async function openIdentity(target: IdentityTarget): Promise<IdentityClient> {
  const login = await send(target, 'POST', '/auth/tokens', passwordLogin('admin', target.adminPassword, 'admin'))
  if (login.status !== 201) throw refusal('POST', '/auth/tokens', login, 'as admin')
  const token = login.token
  return {
    async request(method, path, body, allow = []) {
      const answer = await send(target, method, path, body, token)
      if (answer.status >= 300 && !allow.includes(answer.status)) throw refusal(method, path, answer)
      return answer
    },
    async logsIn(user, password) {
      const answer = await send(target, 'POST', '/auth/tokens', passwordLogin(user, password))
      if (answer.status !== 201 && answer.status !== 401) throw refusal('POST', '/auth/tokens', answer, `as ${user}`)
      return answer.status === 201
    },
  }
}

function passwordLogin(name: string, password: string, project?: string) {
  const domain = { id: 'default' }
  return {
    auth: {
      identity: { methods: ['password'], password: { user: { name, domain, password } } },
      ...(project ? { scope: { project: { name: project, domain } } } : {}),
    },
  }
}

async function send(target: IdentityTarget, method: string, path: string, body?: unknown, token?: string) {
  const wait = {
    what: `Keystone at ${target.url}`,
    timeoutSeconds: target.timeoutSeconds,
    pauseSeconds: 0.3,
    next: target.lookAt,
  }
  return waitFor(target, wait, async () => {
    const answer = await sendOnce(target, method, path, body, token)
    return answer.status < 500 ? { found: answer } : { now: complaint(answer) }
  })
}

/** A request that got no answer counts as 599: it is tried again like any other of the server's own failures. */
async function sendOnce(target: IdentityTarget, method: string, path: string, body?: unknown, token?: string) {
  trace('host', `${method} ${target.url}${path}`)
  try {
    const response = await fetch(target.url + path, {
      method,
      headers: { 'content-type': 'application/json', ...(token ? { 'x-auth-token': token } : {}) },
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
      signal: AbortSignal.timeout(30_000 * target.timeScale),
    })
    const text = await response.text()
    return {
      status: response.status,
      body: parse(text),
      token: response.headers.get('x-subject-token') ?? '',
    }
  } catch (error) {
    return { status: 599, body: { error: { message: fetchComplaint(error) } }, token: '' }
  }
}

function parse(text: string): Record<string, unknown> {
  try {
    return text ? (JSON.parse(text) as Record<string, unknown>) : {}
  } catch {
    return { error: { message: text.slice(0, 200) } }
  }
}

function complaint({ status, body }: Answer): string {
  const { message } = (body['error'] ?? {}) as { message?: string }
  return status === 599 ? `${message}` : `${status} ${message ?? ''}`.trim()
}

function refusal(method: string, path: string, answer: Answer, who = ''): CommandError {
  return new CommandError({
    node: 'keystone',
    step: `${method} ${path}${who ? ` ${who}` : ''}`,
    paste: './lab openstack catalog list',
    exitCode: 1,
    output: `Keystone answers ${complaint(answer)}`,
  })
}

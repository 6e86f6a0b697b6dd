/** Keystone's identity API as admin. A request takes 20 ms; the command line client needs 1.5 s. */

import { CommandError, NotReadyError } from '../declaration/errors.ts'
import { scaled, timeouts } from '../run/timeouts.ts'
import { type Look, waitFor } from '../run/wait-for.ts'
import { type CloudAnswer, explain, parseBody, passwordLogin, request, tokenOf } from './request.ts'

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

export interface IdentityClient {
  /** The parsed body. Throws CommandError for an answer outside 2xx that is not in `allow`. */
  request(method: string, path: string, body?: unknown, allow?: readonly number[]): Promise<Record<string, unknown>>
  /** True if this password opens a token for a user of a domain, by its id; the default one is `default`. */
  logsIn(user: string, password: string, domain: string): Promise<boolean>
}

/** Logs in as admin. Throws NotReadyError if Keystone does not answer, CommandError if it refuses the password. */
export async function openIdentity(target: IdentityTarget): Promise<IdentityClient> {
  const logIn = (body: object) => send(target, 'POST', '/auth/tokens', body)
  const login = await logIn(passwordLogin('admin', target.adminPassword, 'admin'))
  if (login.status !== 201) throw refusal('POST /auth/tokens as admin', login)
  const token = tokenOf(login)
  return {
    async request(method, path, body, allow = []) {
      const answer = await send(target, method, path, body, token)
      if (answer.status >= 300 && !allow.includes(answer.status)) throw refusal(`${method} ${path}`, answer)
      return (parseBody(answer) ?? {}) as Record<string, unknown>
    },
    async logsIn(user, password, domain) {
      const answer = await logIn(passwordLogin(user, password, undefined, domain))
      if (answer.status !== 201 && answer.status !== 401) throw refusal(`POST /auth/tokens as ${user}`, answer)
      return answer.status === 201
    },
  }
}

/** Tried again while Keystone gives no answer, or one that says that it failed itself. */
function send(target: IdentityTarget, method: string, path: string, body?: unknown, token?: string) {
  const { url, timeoutSeconds, lookAt: next } = target
  const asked = {
    method,
    url: url + path,
    timeoutSeconds: scaled(target, timeouts.cloud.request),
    next,
    body,
    ...(token ? { token } : {}),
  }
  const wait = { what: `Keystone at ${url}`, timeoutSeconds, pauseSeconds: 0.3, next }
  return waitFor(target, wait, async (): Promise<Look<CloudAnswer>> => {
    try {
      const answer = await request(asked)
      return answer.status < 500 ? { found: answer } : { now: explain(answer) }
    } catch (error) {
      if (error instanceof NotReadyError) return { now: error.lastAnswer }
      throw error
    }
  })
}

function refusal(step: string, answer: CloudAnswer): CommandError {
  return new CommandError({
    node: 'keystone',
    step,
    paste: './lab openstack catalog list',
    exitCode: 1,
    output: `Keystone answers ${explain(answer)}`,
  })
}

/** One request over HTTP: sent with a deadline, and its answer read; what is no good answer says where to look. */

import { NotReadyError } from '../declaration/errors.ts'

interface Answer {
  what: string
  next: string
  status: number
  headers: Headers
  text: string
}

interface Question {
  method: string
  url: string
  timeoutSeconds: number
  /** Where to look when there is no good answer. */
  next: string
}

/** The network error that fetch hides one level down: `connect ECONNREFUSED 10.0.0.11:5000`. */
function reasonOf(error: unknown): string {
  const { cause, message } = error as Error & { cause?: Error }
  return cause?.message || message || String(error)
}

/** Throws NotReadyError where nothing comes back before the deadline. */
export async function ask({ method, url, timeoutSeconds, next }: Question, init: RequestInit): Promise<Answer> {
  const what = `${method} ${url}`
  const started = performance.now()
  try {
    const answer = await fetch(url, { ...init, method, signal: AbortSignal.timeout(timeoutSeconds * 1000) })
    return { what, next, status: answer.status, headers: answer.headers, text: await answer.text() }
  } catch (error) {
    throw new NotReadyError(what, Math.round((performance.now() - started) / 1000), reasonOf(error), next)
  }
}

function parse(text: string): unknown {
  if (!text) return undefined
  try {
    return JSON.parse(text)
  } catch {
    return text
  }
}

/** One line of an OpenStack error body: its message where there is one. */
function explain({ status, text }: Answer): string {
  const found = /"message":\s*"((?:[^"\\]|\\.)*)"/.exec(text)
  return `${status} ${(found?.[1] ?? text).replaceAll(/\s+/g, ' ').slice(0, 300)}`.trim()
}

/** The parsed body; undefined for an empty one and for what is allowed. Throws NotReadyError with any other answer. */
export function check(answer: Answer, allow: readonly number[] = []): unknown {
  if (answer.status < 300) return parse(answer.text)
  if (allow.includes(answer.status)) return undefined
  throw new NotReadyError(answer.what, 0, explain(answer), answer.next)
}

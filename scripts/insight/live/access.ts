/** Who may see the live page: a token that works once, a cookie in exchange for it, and which requests are refused. */

import { randomBytes, timingSafeEqual } from 'node:crypto'
import type { IncomingHttpHeaders } from 'node:http'

/** 190 bits and more, safe in an address. */
const secret = () => randomBytes(32).toString('base64url')

/** What a browser may do with the page: only what comes from here, and no script or style that is written into it. */
const policy = [
  "default-src 'none'",
  "script-src 'self'",
  "style-src 'self'",
  "connect-src 'self'",
  'img-src data:',
  "base-uri 'none'",
  "form-action 'none'",
  "frame-ancestors 'none'",
].join('; ')

/** Of every answer. */
export const safeHeaders: Readonly<Record<string, string>> = {
  'content-security-policy': policy,
  'referrer-policy': 'no-referrer',
  'x-content-type-options': 'nosniff',
  'x-frame-options': 'DENY',
  'cross-origin-opener-policy': 'same-origin',
  'cross-origin-resource-policy': 'same-origin',
  'cache-control': 'no-store',
}

const isSame = (left: string, right: string) =>
  left.length === right.length && timingSafeEqual(Buffer.from(left), Buffer.from(right))

export interface Access {
  /** `/x8Kd…/`: the cookie is sent to no other path, so that no other server on 127.0.0.1 gets to see it. */
  path: string
  /** A path with a token that works once; an older one that was not used works no more. */
  newAddress(): string
  /** The header that gives the cookie for a token; undefined if the token is not, or no longer, valid. */
  swap(token: string): string | undefined
  /** Whether a request has the cookie. */
  isKnown(headers: IncomingHttpHeaders): boolean
}

export function openAccess(port: number): Access {
  const path = `/${randomBytes(12).toString('base64url')}/`
  const name = `duostack-live-${port}`
  const cookie = secret()
  let token: string | undefined
  return {
    path,
    newAddress() {
      token = secret()
      return `${path}?token=${token}`
    },
    swap(given) {
      if (token === undefined || !isSame(given, token)) return undefined
      token = undefined
      return `${name}=${cookie}; Path=${path}; HttpOnly; SameSite=Strict`
    },
    isKnown: ({ cookie: sent = '' }) =>
      sent.split('; ').some((one) => one.startsWith(`${name}=`) && isSame(one.slice(name.length + 1), cookie)),
  }
}

/** Why a request is refused whatever cookie it has; undefined if it is not. */
export function refusalOf(
  { host, origin, 'sec-fetch-site': site }: IncomingHttpHeaders,
  { port, changes }: { port: number; changes: boolean },
): string | undefined {
  const own = [`127.0.0.1:${port}`, `localhost:${port}`]
  // A page of another name that leads to 127.0.0.1 (DNS rebinding).
  if (host === undefined || !own.includes(host.toLowerCase())) return `the Host header must be ${own.join(' or ')}`
  const wanted = `http://${host.toLowerCase()}`
  if (origin !== undefined && origin.toLowerCase() !== wanted) return `the Origin header must be ${wanted}`
  if (changes && origin === undefined) return 'the Origin header is missing'
  // A page of another port of 127.0.0.1 is the same site for a cookie. Programs and old browsers do not say.
  if (changes && site !== undefined && site !== 'same-origin') return 'only this page itself may ask'
  return undefined
}

/** The cloud as `./lab open --api` offers it: signing in, and requests over plain HTTP. */

import { readFileSync } from 'node:fs'
import { request } from 'node:http'
import type { Readable } from 'node:stream'
import { text } from 'node:stream/consumers'
import { expect } from 'vitest'
import { parse } from 'yaml'

export interface Asked {
  method?: string
  headers?: Record<string, string>
  body?: string | Readable
}

export interface Answer {
  status: number
  headers: Record<string, string | string[] | undefined>
  /** To be read or destroyed. */
  body: Readable
}

export interface LocalCloud {
  /** Of every endpoint in the catalog. */
  urls: string[]
  /** The public one of a type. */
  urlOf(type: string): string
  /** With the token, unless other headers say otherwise. */
  ask(url: string, asked?: Asked): Promise<Answer>
  /** A GET below an endpoint. An answer with one of `also` is an empty one. */
  get<T>(type: string, path: string, also?: readonly number[]): Promise<T>
  /** The ids of each page, from the first to the last one, by the links in the answers. */
  pages(type: string, path: string, key: string): Promise<string[][]>
}

// Not fetch: it sets no Host header.
const send = (url: string, { method = 'GET', headers = {}, body }: Asked) =>
  new Promise<Answer>((resolve, reject) => {
    const asked = request(url, { method, headers }, (response) =>
      resolve({ status: response.statusCode ?? 0, headers: response.headers, body: response }),
    ).on('error', reject)
    if (typeof body === 'object') body.on('error', reject).pipe(asked)
    else asked.end(body)
  })

interface Token {
  token: { catalog: { type: string; endpoints: { interface: string; url: string }[] }[] }
}

/** As admin, with what is in this clouds.yaml. */
export async function signIn(file: string): Promise<LocalCloud> {
  const { auth_url, username, password } = parse(readFileSync(file, 'utf8')).clouds.duostack.auth
  const user = { name: username, password, domain: { name: 'Default' } }
  const scope = { project: { name: 'admin', domain: { name: 'Default' } } }
  const body = JSON.stringify({ auth: { identity: { methods: ['password'], password: { user } }, scope } })
  const headers = { 'content-type': 'application/json' }
  const answer = await send(`${auth_url}/auth/tokens`, { method: 'POST', headers, body })
  expect(answer.status).toBe(201)
  const { catalog } = (JSON.parse(await text(answer.body)) as Token).token
  const all = catalog.flatMap(({ type, endpoints }) => endpoints.map((endpoint) => ({ type, ...endpoint })))
  return cloudOf(all, String(answer.headers['x-subject-token']))
}

function cloudOf(endpoints: readonly { type: string; interface: string; url: string }[], token: string): LocalCloud {
  const urlOf = (type: string) =>
    endpoints.find((one) => one.type === type && one.interface === 'public')!.url.replace(/\/$/, '')
  const ask = (url: string, asked: Asked = {}) =>
    send(url, { ...asked, headers: { 'x-auth-token': token, ...asked.headers } })
  const read = async (url: string, also: readonly number[] = []) => {
    const { status, body } = await ask(url)
    const answer = await text(body)
    expect([200, ...also], `${url}: ${answer}`).toContain(status)
    return status === 200 ? JSON.parse(answer) : {}
  }
  return {
    urls: endpoints.map(({ url }) => url),
    urlOf,
    ask,
    get: (type, path, also) => read(`${urlOf(type)}${path}`, also),
    async pages(type, path, key) {
      const pages: string[][] = []
      let url: string | undefined = `${urlOf(type)}${path}`
      while (url) {
        const answer: Page = await read(url)
        pages.push((answer[key] as { id: string }[]).map(({ id }) => id))
        url = nextOf(answer, key, url)
      }
      return pages
    },
  }
}

type Page = Record<string, unknown>

/** Glance names a path, the others whole addresses, which must be those of this machine. */
function nextOf(answer: Page, key: string, url: string): string | undefined {
  const links = (answer[`${key}_links`] ?? []) as { rel: string; href: string }[]
  const next = links.find(({ rel }) => rel === 'next')?.href ?? (answer['next'] as string | undefined)
  if (!next) return undefined
  expect(new URL(next, url).origin).toBe(new URL(url).origin)
  return new URL(next, url).href
}

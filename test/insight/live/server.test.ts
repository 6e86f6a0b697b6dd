/** Who gets the live page: token, cookie, Host, Origin, and what a browser may do with it. */

import { request as httpRequest } from 'node:http'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { openAccess } from '../../../scripts/insight/live/access.ts'
import { parseQuestion } from '../../../scripts/insight/live/protocol.ts'
import { openStage, type Stage } from './stage.ts'

interface Answered {
  status: number
  headers: Record<string, string | string[] | undefined>
  body: string
}

let stage: Stage
beforeAll(async () => {
  stage = await openStage(() => ({ url: 'http://127.0.0.1:6080/x' }))
})
afterAll(() => stage.live.close())

/** With exactly these headers: fetch would not let a test set Host. */
function ask(url: string, headers: Record<string, string> = {}, body?: string): Promise<Answered> {
  const { port, host } = new URL(url)
  return new Promise((resolve, reject) => {
    const options = {
      host: '127.0.0.1',
      port,
      method: body === undefined ? 'GET' : 'POST',
      headers: { host, ...headers },
    }
    const request = httpRequest({ ...options, path: url.slice(url.indexOf(host) + host.length) }, (response) => {
      let text = ''
      response.setEncoding('utf8').on('data', (part) => {
        text += part
      })
      response.on('end', () => resolve({ status: response.statusCode ?? 0, headers: response.headers, body: text }))
    })
    request.on('error', reject).end(body)
  })
}

async function signIn(): Promise<{ page: string; cookie: string }> {
  const address = stage.live.newAddress()
  const { headers } = await ask(address)
  return { page: new URL(String(headers['location']), address).href, cookie: headers['set-cookie']![0]!.split(';')[0]! }
}

describe('the address', () => {
  test('is swapped once for a cookie, and leads to an address without the token', async () => {
    const address = stage.live.newAddress()
    const first = await ask(address)
    expect(first.status).toBe(303)
    expect(first.headers['location']).toMatch(/^\/[\w-]{16}\/$/)
    expect(first.headers['set-cookie']).toEqual([
      expect.stringMatching(/^duostack-live-\d+=[\w-]{43}; Path=\/[\w-]{16}\/; HttpOnly; SameSite=Strict$/),
    ])
    expect(String(first.headers['set-cookie'])).not.toContain(new URL(address).searchParams.get('token'))
    const second = await ask(address)
    expect([second.status, second.headers['set-cookie']]).toEqual([403, undefined])
    expect(second.body).toContain('used already')
  })

  test('opened twice by the same browser only loses its token', async () => {
    const address = stage.live.newAddress()
    const cookie = (await ask(address)).headers['set-cookie']![0]!.split(';')[0]!
    const again = await ask(address, { cookie })
    expect([again.status, again.headers['location']]).toEqual([303, new URL(address).pathname])
  })

  test('a newer one ends an older one that was not used; a guessed or empty token is none', async () => {
    const [older, newer] = [stage.live.newAddress(), stage.live.newAddress()]
    expect((await ask(older)).status).toBe(403)
    expect((await ask(newer.replace(/token=.*/, 'token='))).status).toBe(403)
    expect((await ask(newer.replace(/token=.*/, `token=${'x'.repeat(43)}`))).status).toBe(403)
    expect((await ask(newer)).status).toBe(303)
  })

  test('without the cookie there is neither page, nor file, nor event, nor answer', async () => {
    const { page } = await signIn()
    for (const name of ['', 'live-page.mjs', 'events']) expect((await ask(`${page}${name}`)).status).toBe(403)
    expect((await ask(new URL('/', page).href)).status).toBe(404)
    const origin = new URL(page).origin
    expect((await ask(`${page}ask`, { origin, 'content-type': 'application/json' }, '{}')).status).toBe(403)
    expect((await ask(page, { cookie: `duostack-live-${new URL(page).port}=${'x'.repeat(43)}` })).status).toBe(403)
  })

  test('a browser that another site sent here is led to the page by a page of our own', async () => {
    const { page } = await signIn()
    const { status, body } = await ask(page, { 'sec-fetch-site': 'cross-site', 'sec-fetch-mode': 'navigate' })
    expect([status, body]).toEqual([200, expect.stringContaining(`content="0; url=${new URL(page).pathname}"`)])
    expect((await ask(page, { 'sec-fetch-site': 'cross-site', 'sec-fetch-mode': 'no-cors' })).status).toBe(403)
  })
})

describe('a request', () => {
  test.each(['evil.example', '127.0.0.1', '127.0.0.1:1', '[::1]:8090'])('with the Host %s is refused', async (host) => {
    const { page, cookie } = await signIn()
    expect((await ask(page, { host, cookie })).status).toBe(403)
    expect((await ask(stage.live.newAddress(), { host })).status).toBe(403)
  })

  test.each(['http://evil.example', 'null', 'http://127.0.0.1:8080', 'https://127.0.0.1:8090'])(
    'with the Origin %s is refused, also one that only reads',
    async (origin) => {
      const { page, cookie } = await signIn()
      expect((await ask(`${page}events`, { origin, cookie })).status).toBe(403)
      expect((await ask(`${page}ask`, { origin, cookie, 'content-type': 'application/json' }, '{}')).status).toBe(403)
    },
  )

  test('that asks something needs its own Origin, JSON, and a known question', async () => {
    const { page, cookie } = await signIn()
    const { origin } = new URL(page)
    const json = { 'content-type': 'application/json', cookie, origin }
    const question = JSON.stringify({ what: 'console', instance: 'web1' })
    expect((await ask(`${page}ask`, { ...json, origin: '' }, question)).status).toBe(403)
    expect((await ask(`${page}ask`, { 'content-type': 'application/json', cookie }, question)).status).toBe(403)
    expect((await ask(`${page}ask`, { ...json, 'sec-fetch-site': 'same-site' }, question)).status).toBe(403)
    expect((await ask(`${page}ask`, { ...json, 'content-type': 'text/plain' }, question)).status).toBe(415)
    expect((await ask(`${page}ask`, json, 'x'.repeat(5000))).status).toBe(413)
    expect((await ask(`${page}ask`, json, '{"what":"rm"}')).status).toBe(400)
    const { status, body } = await ask(`${page}ask`, json, question)
    expect([status, JSON.parse(body)]).toEqual([200, { url: 'http://127.0.0.1:6080/x' }])
    expect(stage.questions).toEqual([{ what: 'console', instance: 'web1' }])
  })

  test('by another method, or for another file of this machine, gets nothing', async () => {
    const { page, cookie } = await signIn()
    for (const name of ['../../etc/passwd', '%2e%2e/%2e%2e/etc/passwd', 'server.ts', '__proto__', 'constructor']) {
      expect((await ask(`${page}${name}`, { cookie })).status).toBe(404)
    }
  })
})

describe('every answer', () => {
  test('forbids foreign sources, inline scripts and styles, frames and referrers', async () => {
    const { page, cookie } = await signIn()
    const answers = [await ask(page, { cookie }), await ask(`${page}live-page.mjs`, { cookie }), await ask(page)]
    for (const { headers } of answers) {
      expect(headers['content-security-policy']).toBe(
        "default-src 'none'; script-src 'self'; style-src 'self'; connect-src 'self'; img-src data:; base-uri 'none'; form-action 'none'; frame-ancestors 'none'",
      )
      expect(headers['referrer-policy']).toBe('no-referrer')
      expect(headers['cache-control']).toBe('no-store')
    }
  })

  test('loads only files from here, which exist', async () => {
    const { page, cookie } = await signIn()
    const { body } = await ask(page, { cookie })
    const names = [...body.matchAll(/ (?:src|href)="([^#"]*)"/g)]
      .map(([, name]) => name!)
      .filter((one) => one !== 'data:,')
    expect(names.length).toBeGreaterThan(4)
    for (const name of names) expect((await ask(`${page}${name}`, { cookie })).status).toBe(200)
    expect(body).not.toMatch(/ on\w+=|style=|<script(?![^>]* (?:src|type="application\/json"))/)
  })
})

test('two views on one machine do not send each other their cookies', () => {
  const [one, other] = [openAccess(8090), openAccess(8091)]
  expect(one.path).not.toBe(other.path)
  const cookie = one.swap(new URL(`http://x${one.newAddress()}`).searchParams.get('token')!)!.split(';')[0]!
  expect([one.isKnown({ cookie: `a=b; ${cookie}` }), other.isKnown({ cookie })]).toEqual([true, false])
})

test('a question has no more in it than it may', () => {
  expect(parseQuestion('{"what":"logs","node":"compute1","level":"ERROR","file":"/etc/passwd"}')).toEqual({
    what: 'logs',
    node: 'compute1',
    level: 'ERROR',
  })
  for (const text of [
    '',
    '[]',
    'null',
    '"logs"',
    '{"what":"console"}',
    `{"what":"path","instance":"${'x'.repeat(300)}"}`,
  ])
    expect(parseQuestion(text)).toBeUndefined()
})

/** An API on 127.0.0.1, with a real server that answers as the services do, over TCP and over a Unix socket. */

import { once } from 'node:events'
import {
  createServer,
  type IncomingMessage,
  type RequestOptions,
  request,
  type Server,
  type ServerResponse,
} from 'node:http'
import { type AddressInfo, connect, type NetConnectOpts } from 'node:net'
import { join } from 'node:path'
import { Readable } from 'node:stream'
import { text } from 'node:stream/consumers'
import { afterEach, describe, expect, test } from 'vitest'
import { refusalOf, serveApi } from '../../scripts/cloud/api-proxy.ts'
import type { LocalApi } from '../../scripts/cloud/local-links.ts'
import { temporaryFolder } from '../fixtures/folder.ts'

const servers: Server[] = []
afterEach(() => {
  for (const server of servers.splice(0)) {
    server.close()
    server.closeAllConnections()
  }
})

type Answer = (request: IncomingMessage, response: ServerResponse) => unknown

const portOf = (server: Server) => (server.address() as AddressInfo).port

/** A service that answers like this, and the proxy before it. Returns the proxy's port. */
async function proxyOf(answer: Answer, path?: string): Promise<number> {
  const service = createServer((...all) => void answer(...all))
  servers.push(service)
  await once(service.listen(path ? { path } : { host: '127.0.0.1', port: 0 }), 'listening')
  return proxyTo(path ? { path } : { host: '127.0.0.1', port: portOf(service) })
}

async function proxyTo(way: NetConnectOpts): Promise<number> {
  // The port is known only when something listens there.
  const probe = createServer()
  await once(probe.listen(0, '127.0.0.1'), 'listening')
  const port = portOf(probe)
  await new Promise((resolve) => probe.close(resolve))
  const own: LocalApi = { inside: ['10.0.0.11:8774', 'controller:8774'], port }
  const proxy = serveApi(own, way, [{ inside: ['10.0.0.11:5000', 'controller:5000'], port: 5000 }, own])
  servers.push(proxy)
  await once(proxy.listen(port, '127.0.0.1'), 'listening')
  return port
}

interface Seen {
  status: number | undefined
  headers: IncomingMessage['headers']
  body: string
}

function ask(port: number, options: RequestOptions = {}, body?: Readable | string): Promise<Seen> {
  return new Promise((resolve, reject) => {
    const asked = request({ host: '127.0.0.1', port, agent: false, ...options }, (response) => {
      text(response).then((body) => resolve({ status: response.statusCode, headers: response.headers, body }), reject)
    }).on('error', reject)
    if (body instanceof Readable) body.pipe(asked)
    else asked.end(body)
  })
}

const json = { 'content-type': 'application/json' }

describe('an answer', () => {
  test('leads back to this machine: version document, links, and the headers with addresses', async () => {
    const port = await proxyOf((_, response) => {
      const versions = { versions: [{ links: [{ rel: 'self', href: 'http://10.0.0.11:8774/v2.1/' }] }] }
      response.writeHead(300, {
        ...json,
        'content-length': JSON.stringify(versions).length,
        location: 'http://10.0.0.11:8774/v2.1/servers/1',
        'www-authenticate': 'Keystone uri="http://controller:5000"',
      })
      response.end(JSON.stringify(versions))
    })
    const { status, headers, body } = await ask(port)
    expect(status).toBe(300)
    expect(body).toBe(`{"versions":[{"links":[{"rel":"self","href":"http://127.0.0.1:${port}/v2.1/"}]}]}`)
    expect(headers.location).toBe(`http://127.0.0.1:${port}/v2.1/servers/1`)
    expect(headers['www-authenticate']).toBe('Keystone uri="http://127.0.0.1:5000"')
    expect(headers['content-length']).toBeUndefined()
  })

  test('that is no JSON passes byte for byte, with its length', async () => {
    const image = 'qcow2 "http://10.0.0.11:8774/"'
    const port = await proxyOf((_, response) => {
      response.writeHead(200, { 'content-type': 'application/octet-stream', 'content-length': image.length })
      response.end(image)
    })
    const { headers, body } = await ask(port)
    expect([headers['content-length'], body]).toEqual([String(image.length), image])
  })

  test('keeps its status, its own headers and those that are repeated', async () => {
    const port = await proxyOf((_, response) => {
      response.writeHead(201, 'Made', [
        ...['X-Subject-Token', 'gAAAA'],
        ...['Set-Cookie', 'a=1'],
        ...['Set-Cookie', 'b=2'],
        ...['Connection', 'close'],
      ])
      response.end()
    })
    const { status, headers } = await ask(port)
    expect(status).toBe(201)
    expect(headers).toMatchObject({ 'x-subject-token': 'gAAAA', 'set-cookie': ['a=1', 'b=2'] })
  })

  test('to HEAD has no body, and no length that would be wrong', async () => {
    const port = await proxyOf((_, response) => {
      response.writeHead(200, { ...json, 'content-length': 1000 })
      response.end()
    })
    const { status, headers, body } = await ask(port, { method: 'HEAD' })
    expect([status, headers['content-length'], body]).toEqual([200, undefined, ''])
  })

  test('without content stays without content', async () => {
    const port = await proxyOf((_, response) => response.writeHead(204, { 'x-openstack-request-id': 'req-1' }).end())
    const { status, headers, body } = await ask(port, { method: 'DELETE' })
    expect([status, headers['x-openstack-request-id'], body]).toEqual([204, 'req-1', ''])
  })

  test('that breaks off breaks off here too', async () => {
    const port = await proxyOf((_, response) => {
      response.writeHead(200, { ...json, 'content-length': 1000 })
      response.write('{')
      setTimeout(() => response.destroy(), 20)
    })
    await expect(ask(port)).rejects.toThrow(/aborted|socket hang up|ECONNRESET/)
  })

  test('that does not come is a 502 in the form of the services', async () => {
    const port = await proxyTo({ path: join(temporaryFolder(), 'nobody') })
    const { status, body } = await ask(port)
    expect(status).toBe(502)
    expect(JSON.parse(body).error).toMatchObject({ code: 502, message: expect.stringContaining('10.0.0.11:8774') })
  })
})

describe('a request', () => {
  const echo: Answer = async (asked, response) => {
    const body = await text(asked)
    response.writeHead(200, { 'content-type': 'text/plain' })
    response.end(JSON.stringify({ method: asked.method, url: asked.url, headers: asked.headers, body }))
  }

  test('arrives as it is, addressed to the lab, over a Unix socket too', async () => {
    const port = await proxyOf(echo, join(temporaryFolder(), 'api'))
    const headers = { 'x-auth-token': 'gAAAA', 'accept-encoding': 'gzip', 'content-type': 'application/json' }
    const { body } = await ask(port, { method: 'POST', path: '/v2.1//servers?limit=1&name=a%20b', headers }, '{"a": 1}')
    const seen = JSON.parse(body)
    expect(seen).toMatchObject({ method: 'POST', url: '/v2.1//servers?limit=1&name=a%20b', body: '{"a": 1}' })
    expect(seen.headers).toMatchObject({
      host: '10.0.0.11:8774',
      'x-auth-token': 'gAAAA',
      'accept-encoding': 'identity',
    })
  })

  test('in chunks, and one that waits for 100 Continue, arrive whole', async () => {
    const port = await proxyOf(echo)
    const chunked = await ask(port, { method: 'PUT' }, Readable.from(['a', 'b', 'c']))
    expect(JSON.parse(chunked.body)).toMatchObject({ body: 'abc', headers: { 'transfer-encoding': 'chunked' } })
    const waiting = request({
      host: '127.0.0.1',
      port,
      method: 'PUT',
      headers: { expect: '100-continue', 'content-length': 3 },
    })
    waiting.flushHeaders()
    await once(waiting, 'continue')
    waiting.end('abc')
    const [response] = await once(waiting, 'response')
    const seen = JSON.parse(await text(response))
    expect(seen.body).toBe('abc')
    expect(seen.headers.expect).toBeUndefined()
  })

  test('of HTTP/1.0 is answered', async () => {
    const port = await proxyOf((_, response) => response.writeHead(200, json).end('["http://10.0.0.11:8774/"]'))
    const socket = connect(port, '127.0.0.1')
    socket.write(`GET / HTTP/1.0\r\nHost: localhost:${port}\r\n\r\n`)
    expect(await text(socket)).toMatch(new RegExp(`^HTTP/1.1 200 OK[^]*\\["http://127.0.0.1:${port}/"\\]$`))
  })

  test('whose upload is refused before it was read gets that answer', async () => {
    const port = await proxyOf((asked, response) => {
      response.writeHead(401, json).end('{}')
      asked.resume()
    })
    const large = Readable.from(Array.from({ length: 100 }, () => Buffer.alloc(65_536)))
    const headers = { 'content-length': 6_553_600 }
    expect((await ask(port, { method: 'PUT', headers }, large)).status).toBe(401)
  })

  test('is streamed: a service that reads slowly slows the client down', async () => {
    let read = 0
    let stop: () => void = () => {}
    const stopped = new Promise<void>((resolve) => {
      stop = resolve
    })
    const port = await proxyOf(async (asked, response) => {
      await stopped
      for await (const chunk of asked) read += chunk.length
      response.end()
    })
    let sent = 0
    const source = new Readable({
      read() {
        sent += 65_536
        this.push(sent <= 256 * 2 ** 20 ? Buffer.alloc(65_536) : null)
      },
    })
    const asked = ask(port, { method: 'PUT' }, source)
    await new Promise((resolve) => setTimeout(resolve, 300))
    // What the kernel's and the streams' buffers hold.
    expect(sent).toBeLessThan(32 * 2 ** 20)
    stop()
    expect((await asked).status).toBe(200)
    expect(read).toBe(256 * 2 ** 20)
  })
})

describe('a page in a browser', () => {
  test.each([
    ['a name that leads to 127.0.0.1', { host: 'evil.example:8774' }, 403],
    ['the lab by its own address', { host: '10.0.0.11:8774' }, 403],
    ['another port of this machine', { host: '127.0.0.1:8080' }, 403],
    ['no name', {}, 403],
    ['a foreign page', { host: '127.0.0.1:8774', origin: 'http://evil.example' }, 403],
    ['the dashboard of this lab', { host: '127.0.0.1:8774', origin: 'http://127.0.0.1:8080' }, 403],
    ['a page without an origin', { host: '127.0.0.1:8774', origin: 'null' }, 403],
    ['127.0.0.1', { host: '127.0.0.1:8774' }, undefined],
    ['localhost', { host: 'LOCALHOST:8774', origin: 'http://localhost:8774' }, undefined],
  ])('%s', (_, headers, status) => {
    expect(refusalOf({ headers, url: '/' }, { port: 8774 })?.status).toBe(status)
  })

  test('is refused before the service hears of it', async () => {
    let heard = 0
    const port = await proxyOf((_, response) => {
      heard += 1
      response.end()
    })
    const foreign = await ask(port, { method: 'POST', headers: { origin: 'http://evil.example' } }, '{}')
    expect([foreign.status, JSON.parse(foreign.body).error.code]).toEqual([403, 403])
    expect((await ask(port, { headers: { host: 'evil.example' } })).status).toBe(403)
    expect((await ask(port, { path: 'http://127.0.0.1/' })).status).toBe(400)
    expect(heard).toBe(0)
    expect((await ask(port)).status).toBe(200)
  })
})

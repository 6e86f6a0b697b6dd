/**
 * One API of the lab on 127.0.0.1. What it answers leads back here, not to the lab's own addresses: catalog, versions,
 * links, redirects. Everything else passes as it is, and as a stream.
 */

import {
  Agent,
  createServer,
  type IncomingHttpHeaders,
  type IncomingMessage,
  type Server,
  type ServerResponse,
} from 'node:http'
import type { NetConnectOpts } from 'node:net'
import { pipeline } from 'node:stream/promises'
import { createProxyServer, type ProxyServerOptions } from 'httpxy'
import { type LocalApi, type LocalLinks, localLinks } from './local-links.ts'

/** Of one connection only, so not for the next one (RFC 9110, 7.6.1). Node.js has answered `Expect` by itself. */
const ofConnection = [
  ...['connection', 'expect', 'keep-alive', 'proxy-authenticate', 'proxy-authorization', 'proxy-connection'],
  ...['te', 'trailer', 'transfer-encoding', 'upgrade'],
]

/** Headers with addresses in them. */
const withLinks = ['content-location', 'link', 'location', 'www-authenticate']

/**
 * One for each request: one that is kept may be closed by the service just as it is used again. `keepAlive` tells the
 * service not to close it itself, which it may do before it has read a request that it has answered already.
 */
const ownConnections = new Agent({ keepAlive: true, maxFreeSockets: 0 })

/** `way`: what to connect to. `all`: the APIs that are offered together; their answers name each other. */
export function serveApi(api: LocalApi, way: NetConnectOpts, all: readonly LocalApi[]): Server {
  const links = localLinks(all)
  const options = {
    target: targetOf(way),
    agent: ownConnections,
    // Compressed answers could not be rewritten.
    headers: { host: api.inside[0], 'accept-encoding': 'identity' },
    selfHandleResponse: true,
  } satisfies ProxyServerOptions
  const proxy = createProxyServer(options)
    .on('proxyRes', (answer, request, response) => void passAnswer(answer, { request, response, links }))
    .on('error', (error, _, response) => reportSilence(api, error, response as ServerResponse))
  // Neither an upload nor a connection that waits for its next request is too slow.
  return createServer({ requestTimeout: 0, keepAliveTimeout: 0 }, (request, response) => {
    const refusal = refusalOf(request, api)
    if (refusal) return refuse(response, refusal)
    // What `transfer-encoding` says is needed: the library sends the body in the same way.
    for (const name of ofConnection) if (name !== 'transfer-encoding') delete request.headers[name]
    // A client that hangs up has nobody to tell.
    proxy.web(request, response).catch(() => response.destroy())
  })
}

function targetOf(way: NetConnectOpts) {
  return 'path' in way ? { socketPath: way.path } : { host: way.host ?? '127.0.0.1', port: way.port }
}

interface Refusal {
  status: number
  title: string
  message: string
}

/**
 * A page in a browser must not reach the lab by a name of its own that leads to 127.0.0.1 (DNS rebinding), and no other
 * page either.
 */
export function refusalOf({ headers, url }: Pick<IncomingMessage, 'headers' | 'url'>, api: Pick<LocalApi, 'port'>) {
  const own = [`127.0.0.1:${api.port}`, `localhost:${api.port}`]
  const { host, origin } = headers as IncomingHttpHeaders
  if (!own.includes(host?.toLowerCase() ?? '')) return forbidden(`the Host header must be ${own.join(' or ')}`)
  if (origin !== undefined && !own.some((one) => origin.toLowerCase() === `http://${one}`)) {
    return forbidden(`the Origin header must be http://${own.join(' or http://')}`)
  }
  // A whole URL is what a client sends to a proxy that was configured in it.
  if (!url?.startsWith('/')) return { status: 400, title: 'Bad Request', message: 'expected a path' }
  return undefined
}

const forbidden = (message: string): Refusal => ({ status: 403, title: 'Forbidden', message })

/** In the form of OpenStack's own errors. */
function refuse(response: ServerResponse, { status, title, message }: Refusal): void {
  response.writeHead(status, { 'content-type': 'application/json', connection: 'close' })
  response.end(JSON.stringify({ error: { code: status, title, message: `./lab open: ${message}` } }))
}

function reportSilence(api: LocalApi, error: Error, response: ServerResponse): void {
  if (response.headersSent) response.destroy()
  else
    refuse(response, {
      status: 502,
      title: 'Bad Gateway',
      message: `no answer from ${api.inside[0]}: ${error.message}`,
    })
}

interface Exchange {
  request: IncomingMessage
  response: ServerResponse
  links: LocalLinks
}

async function passAnswer(answer: IncomingMessage, { request, response, links }: Exchange): Promise<void> {
  const rewrites = isJson(answer)
  response.writeHead(answer.statusCode ?? 502, answer.statusMessage, headersOf(answer, links, rewrites))
  try {
    if (rewrites && request.method !== 'HEAD') await pipeline(answer, links.inJson, response)
    else await pipeline(answer, response)
  } catch {
    // One of the two hung up: the other one is closed by now.
  }
}

/** A whole one, and not compressed in spite of our request. */
function isJson({ headers, statusCode }: IncomingMessage): boolean {
  const { 'content-type': type = '', 'content-encoding': encoding = 'identity' } = headers
  return /^application\/(?:[\w.-]+\+)?json\b/i.test(type) && encoding === 'identity' && statusCode !== 206
}

/** As they were written, repeated ones too. */
function headersOf({ rawHeaders }: IncomingMessage, links: LocalLinks, rewrites: boolean): string[] {
  const dropped = new Set(rewrites ? [...ofConnection, 'content-length'] : ofConnection)
  return rawHeaders.flatMap((name, index) => {
    if (index % 2 === 1 || dropped.has(name.toLowerCase())) return []
    const value = rawHeaders[index + 1]!
    return [name, withLinks.includes(name.toLowerCase()) ? links.inHeader(value) : value]
  })
}

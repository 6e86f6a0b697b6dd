/** The web server of the live page, on 127.0.0.1: checks who asks, gives the page, streams what happens, passes questions on. */

import { readFileSync } from 'node:fs'
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { type Access, openAccess, refusalOf, safeHeaders } from './access.ts'
import { pageFiles, renderLivePage } from './page.ts'
import { type Answer, type LiveEvent, parseQuestion, type Question } from './protocol.ts'

export interface LiveServer {
  /** An address with a token that works once. */
  newAddress(): string
  /** To all pages that are open, and to those that open later. */
  show(event: LiveEvent): void
  close(): void
}

export interface Around {
  lab: { id: string; name: string }
  /** Called when the first page opens (true), and when the last one has closed. */
  onWatched(isWatched: boolean): void
  /** Called once for each token that was used. */
  onSwap(): void
  ask(question: Question): Promise<Answer>
}

/** Largest question, in bytes. */
const largest = 4096

/** How many launches a page that opens later is told of: a class with a server each, and some that were before. */
const keptLaunches = 30

/** Or, if another program has it, one that is free. */
const preferredPort = 8090

interface Site {
  around: Around
  port: number
  access: Access
  /** Pages that listen. */
  pages: Set<ServerResponse>
  last: Map<string, LiveEvent>
}

/** Listens on 127.0.0.1 only. */
export async function serveLive(around: Around): Promise<LiveServer> {
  const server = createServer({ requestTimeout: 0 })
  await listen(server, preferredPort).catch(() => listen(server, 0))
  const { port } = server.address() as AddressInfo
  const site: Site = { around, port, access: openAccess(port), pages: new Set(), last: new Map() }
  server.on('request', (request: IncomingMessage, response: ServerResponse) => {
    void answer(site, request, response).catch(() => response.destroy())
  })
  return {
    newAddress: () => `http://127.0.0.1:${port}${site.access.newAddress()}`,
    show(event) {
      // At its place: launches are shown in the order in which they began.
      site.last.set(event.key, event)
      forgetLaunches(site.last)
      for (const page of site.pages) page.write(asEvent(event))
    },
    close() {
      server.closeAllConnections()
      server.close()
    },
  }
}

/** The oldest of those that have ended. */
function forgetLaunches(last: Map<string, LiveEvent>): void {
  const launches = [...last.values()].filter((event) => event.kind === 'launch')
  const ended = launches.filter(({ launch }) => launch.ended)
  for (const { key } of ended.slice(0, Math.max(0, launches.length - keptLaunches))) last.delete(key)
}

const listen = (server: Server, port: number) =>
  new Promise<void>((resolve, reject) => {
    server.once('error', reject).listen({ host: '127.0.0.1', port }, () => {
      server.off('error', reject)
      resolve()
    })
  })

const asEvent = (event: LiveEvent) => `data: ${JSON.stringify(event)}\n\n`

function send(response: ServerResponse, status: number, type: string, body: string): void {
  response.writeHead(status, { ...safeHeaders, 'content-type': `${type}; charset=utf-8` }).end(body)
}

const refuse = (response: ServerResponse, status: number, text: string) =>
  send(response, status, 'text/plain', `./lab open --live: ${text}\n`)

async function answer(site: Site, request: IncomingMessage, response: ServerResponse): Promise<void> {
  const { around, access, port } = site
  const asks = request.method === 'POST'
  const refusal = refusalOf(request.headers, { port, changes: asks })
  if (refusal) return refuse(response, 403, refusal)
  if (!asks && request.method !== 'GET') return refuse(response, 405, 'only GET and POST')
  const url = new URL(request.url ?? '/', 'http://127.0.0.1')
  if (!url.pathname.startsWith(access.path)) return refuse(response, 404, 'there is no such page')
  const name = url.pathname.slice(access.path.length)
  const token = url.searchParams.get('token')
  if (token !== null) return swap(site, token, request, response)
  if (!access.isKnown(request.headers)) return turnAway(site, request, response)
  if (asks) return name === 'ask' ? answerQuestion(site, request, response) : refuse(response, 404, 'nothing to ask')
  if (name === '') return send(response, 200, 'text/html', renderLivePage(around.lab))
  if (name === 'events') return stream(site, response)
  const file = Object.hasOwn(pageFiles, name) ? pageFiles[name] : undefined
  if (!file) return refuse(response, 404, 'there is no such file')
  return send(response, 200, name.endsWith('.css') ? 'text/css' : 'text/javascript', readFileSync(file, 'utf8'))
}

/** Whoever has the cookie already (the address was opened ahead, or twice) only loses the token in the address. */
function swap({ access, around }: Site, token: string, request: IncomingMessage, response: ServerResponse): void {
  const cookie = access.swap(token)
  if (!cookie && !access.isKnown(request.headers)) {
    refuse(response, 403, usedUp)
    return
  }
  if (cookie) around.onSwap()
  response.writeHead(303, { ...safeHeaders, location: access.path, ...(cookie ? { 'set-cookie': cookie } : {}) }).end()
}

const usedUp =
  'this address was used already, or is not valid any more. For a new one press Enter in the terminal where ./lab open --live runs, or start it again.'

/**
 * Without the cookie. A browser that was sent here from a file or another site holds it back on the way
 * (SameSite=Strict); a page of our own that loads the same address again gets it.
 */
function turnAway({ access }: Site, { headers }: IncomingMessage, response: ServerResponse): void {
  const site = headers['sec-fetch-site']
  if (headers['sec-fetch-mode'] !== 'navigate' || (site !== 'cross-site' && site !== 'same-site')) {
    refuse(response, 403, usedUp)
    return
  }
  const again = `<!doctype html><meta charset="utf-8"><meta http-equiv="refresh" content="0; url=${access.path}"><title>Duostack</title>`
  send(response, 200, 'text/html', again)
}

function stream({ pages, last, around }: Site, response: ServerResponse): void {
  response.writeHead(200, { ...safeHeaders, 'content-type': 'text/event-stream; charset=utf-8' })
  response.write('retry: 2000\n\n')
  for (const event of last.values()) response.write(asEvent(event))
  pages.add(response)
  if (pages.size === 1) around.onWatched(true)
  response.once('close', () => {
    pages.delete(response)
    if (pages.size === 0) around.onWatched(false)
  })
}

async function answerQuestion({ around }: Site, request: IncomingMessage, response: ServerResponse): Promise<void> {
  if (!/^application\/json\b/.test(request.headers['content-type'] ?? '')) return refuse(response, 415, 'only JSON')
  let body = ''
  for await (const part of request.setEncoding('utf8')) {
    body += String(part)
    if (body.length > largest) return refuse(response, 413, 'too long')
  }
  const question = parseQuestion(body)
  if (!question) return refuse(response, 400, 'not a question')
  send(response, 200, 'application/json', JSON.stringify(await around.ask(question)))
}

/** An HTTP server that acts as a cloud: it answers by method and path, and records the requests. */

import { createServer, type IncomingMessage } from 'node:http'
import type { AddressInfo } from 'node:net'

interface Asked {
  method: string
  path: string
  headers: IncomingMessage['headers']
  body: string
}

export type FakeAnswer = [number, unknown] | 'silence'

export interface FakeCloud extends AsyncDisposable {
  url: string
  asked: Asked[]
  /** `GET /v2/images` -> status and body; a function is called each time; `silence` never answers. */
  answers: Record<string, FakeAnswer | (() => FakeAnswer)>
}

export async function fakeCloud(): Promise<FakeCloud> {
  const asked: Asked[] = []
  const answers: FakeCloud['answers'] = {}
  const server = createServer((request, response) => {
    let body = ''
    request.on('data', (chunk: Buffer) => {
      body += chunk.toString()
    })
    request.on('end', () => {
      const path = request.url ?? ''
      asked.push({ method: request.method ?? '', path, headers: request.headers, body })
      const found: FakeCloud['answers'][string] = answers[`${request.method} ${path}`] ?? [404, { message: 'nothing' }]
      const answer = typeof found === 'function' ? found() : found
      if (answer === 'silence') return
      const [status, content] = answer
      response.writeHead(status, { 'Content-Type': 'application/json', 'X-Subject-Token': 'the-token' })
      response.end(content === undefined ? '' : JSON.stringify(content))
    })
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`
  const endpoint = (path: string) => [{ interface: 'public', region: 'RegionOne', url: `${url}${path}` }]
  const catalog = [
    { type: 'identity', name: 'keystone', endpoints: endpoint('/v3/') },
    { type: 'image', name: 'glance', endpoints: endpoint('') },
    { type: 'compute', name: 'nova', endpoints: endpoint('/compute/v2.1/') },
    { type: 'network', name: 'neutron', endpoints: endpoint('/network') },
    { type: 'volumev3', name: 'cinderv3', endpoints: endpoint('/volume/v3') },
  ]
  answers['POST /v3/auth/tokens'] = [201, { token: { catalog, project: { id: 'p' }, user: { id: 'u' } } }]
  const close = () => {
    server.closeAllConnections()
    return new Promise<void>((resolve) => server.close(() => resolve()))
  }
  return { url, asked, answers, [Symbol.asyncDispose]: close }
}

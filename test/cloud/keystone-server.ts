/** A small Keystone over real HTTP: the part of its v3 API that the engine needs. e2e uses the real one. */

import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { type IdentityTarget, openIdentity } from '../../scripts/cloud/identity-client.ts'

type Row = Record<string, unknown> & { id: string }
const kinds = {
  ...{ domains: 'domain', projects: 'project', users: 'user' },
  ...{ roles: 'role', services: 'service', endpoints: 'endpoint' },
} as const
type Kind = keyof typeof kinds

export interface Keystone {
  url: string
  /** Its contents; tests read and damage them. */
  rows: Record<Kind, Row[]> & { role_assignments: Row[] }
  /** Every request that changed something: `POST /services`. */
  changes: string[]
  /** How many of the next requests are answered with 503. */
  failing: number
  /** Answers the next creation of this kind as if another client had been faster. */
  race?: Kind
  stop(): void
}

export async function startKeystone(): Promise<Keystone> {
  const rows: Keystone['rows'] = {
    domains: [{ id: 'default', name: 'Default' }],
    projects: [{ id: 'p-admin', name: 'admin' }],
    users: [{ id: 'u-admin', name: 'admin', domain_id: 'default', password: 'admin-secret', enabled: true }],
    roles: ['admin', 'member', 'reader'].map((name) => ({ id: `r-${name}`, name })),
    services: [],
    endpoints: [],
    role_assignments: [],
  }
  const keystone: Keystone = { url: '', rows, changes: [], failing: 0, stop: () => server.close() }
  const server = createServer(async (request, response) => {
    let text = ''
    for await (const part of request) text += part
    answer(keystone, request, response, text ? JSON.parse(text) : {})
  })
  server.listen(0, '127.0.0.1')
  await new Promise((resolve) => server.once('listening', resolve))
  keystone.url = `http://127.0.0.1:${(server.address() as AddressInfo).port}/v3`
  keystone.stop = () => {
    server.closeAllConnections()
    server.close()
  }
  return keystone
}

/** Signed in to it as the engine does, without waiting for it. */
export const openAsAdmin = (keystone: Keystone, changes: Partial<IdentityTarget> = {}) =>
  openIdentity({
    ...{
      url: keystone.url,
      adminPassword: 'admin-secret',
      timeScale: 1,
      timeoutSeconds: 0,
      lookAt: './lab logs keystone',
    },
    ...changes,
  })

let last = 0

function answer(keystone: Keystone, request: IncomingMessage, response: ServerResponse, body: Record<string, never>) {
  const send = (status: number, value: unknown = {}) => {
    response.writeHead(status, { 'content-type': 'application/json', 'x-subject-token': 'token' })
    response.end(status === 204 || status === 503 ? undefined : JSON.stringify(value))
  }
  if (keystone.failing > 0) {
    keystone.failing--
    return send(503)
  }
  const [kind, id, ...rest] = new URL(request.url!, 'http://x').pathname.split('/').slice(2) as [
    Kind,
    string?,
    ...string[],
  ]
  if (`${kind}/${id}` === 'auth/tokens') return logIn(keystone, body, send)
  if (request.headers['x-auth-token'] !== 'token') return send(401)
  if (request.method === 'GET') return send(200, { [kind]: keystone.rows[kind] })
  keystone.changes.push(`${request.method} ${request.url!.replace('/v3', '')}`)
  if (request.method === 'PUT') return send(204, assign(keystone, kind, id!, rest))
  change(keystone, request.method!, kind, id, body[kinds[kind]] as unknown as Row, send)
}

type Send = (status: number, value?: unknown) => void

function logIn({ rows }: Keystone, body: Record<string, never>, send: Send) {
  const { user } = (body as never as { auth: { identity: { password: { user: Row } } } }).auth.identity.password
  const known = rows.users.some(
    ({ name, password, enabled, domain_id }) =>
      name === user['name'] && domain_id === (user['domain'] as Row).id && password === user['password'] && enabled,
  )
  send(known ? 201 : 401, known ? {} : { error: { message: 'The request you have made requires authentication.' } })
}

/** /projects/P/users/U/roles/R, and the same for a domain */
function assign({ rows }: Keystone, kind: Kind, place: string, [, user, , role]: string[]) {
  rows.role_assignments.push({
    id: `${++last}`,
    role: { id: role },
    user: { id: user },
    scope: { [kinds[kind]]: { id: place } },
  })
}

function change(keystone: Keystone, method: string, kind: Kind, id: string | undefined, body: Row, send: Send) {
  const rows = keystone.rows[kind]
  if (method === 'DELETE') {
    keystone.rows[kind] = rows.filter((row) => row.id !== id)
    return send(204)
  }
  if (method === 'PATCH') {
    Object.assign(rows.find((row) => row.id === id)!, body)
    return send(200)
  }
  const taken = rows.some((row) => row['name'] !== undefined && row['name'] === body['name'] && kind !== 'services')
  if (taken) return send(409, { error: { message: 'Conflict' } })
  const { region, ...fields } = body
  rows.push({ ...fields, ...(region ? { region_id: region } : {}), id: `${++last}`.padStart(4, '0') } as Row)
  const raced = keystone.race === kind
  if (raced) delete keystone.race
  send(raced ? 409 : 201)
}

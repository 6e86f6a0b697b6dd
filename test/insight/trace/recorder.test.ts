import { spawnSync } from 'node:child_process'
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'

const here = new URL('node.py', import.meta.url).pathname
const code = new URL('../../../scripts/insight/trace/node', import.meta.url).pathname

function ask<T>(question: object): T {
  const { stdout, stderr } = spawnSync('python3', ['-B', here, code], {
    input: JSON.stringify(question),
    encoding: 'utf8',
  })
  expect(stderr).toBe('')
  return JSON.parse(stdout) as T
}

interface Run {
  protocol: 'http' | 'amqp' | 'mariadb' | 'memcached'
  request: boolean
  parts: { bytes: string; missing?: number }[]
}

type Seen = Record<string, unknown>[]

const part = (bytes: Buffer | string, missing = 0) => ({ bytes: Buffer.from(bytes).toString('base64'), missing })
const feed = (runs: Run[]) => ask<Seen[]>({ runs })
const only = (protocol: Run['protocol'], request: boolean, ...parts: (Buffer | string)[]) =>
  feed([{ protocol, request, parts: parts.map((bytes) => part(bytes)) }])[0]!

const shortString = (text: string) => Buffer.concat([Buffer.from([text.length]), Buffer.from(text)])
const frame = (kind: number, payload: Buffer) => {
  const head = Buffer.alloc(7)
  head.writeUInt8(kind, 0)
  head.writeUInt16BE(1, 1)
  head.writeUInt32BE(payload.length, 3)
  return Buffer.concat([head, payload, Buffer.from([0xce])])
}

/** basic.publish with its header and body, as a client sends it. */
function publish(exchange: string, key: string, body: string): Buffer {
  const method = Buffer.concat([
    Buffer.from([0, 60, 0, 40, 0, 0]),
    shortString(exchange),
    shortString(key),
    Buffer.from([0]),
  ])
  const header = Buffer.alloc(14)
  header.writeUInt16BE(60, 0)
  header.writeBigUInt64BE(BigInt(Buffer.byteLength(body)), 4)
  return Buffer.concat([frame(1, method), frame(2, header), frame(3, Buffer.from(body))])
}

const envelope = (message: object) => JSON.stringify({ 'oslo.version': '2.0', 'oslo.message': JSON.stringify(message) })
const port = '13e13de0-3dd4-45a6-9b41-3240ff8849e3'
const call = envelope({
  method: 'select_destinations',
  args: { port },
  _msg_id: 'm1',
  _reply_q: 'reply_1',
  _unique_id: 'u1',
  _context_request_id: 'req-1',
})

describe('the recorder on the wire', () => {
  test('a call names its queue for the answer, a cast does not', () => {
    const cast = envelope({ method: 'build', args: {}, _unique_id: 'u2' })
    const [first, second] = only('amqp', true, publish('nova', 'scheduler', call), publish('nova', 'compute.a', cast))
    expect(first).toMatchObject({
      kind: 'publish',
      key: 'scheduler',
      method: 'select_destinations',
      msg_id: 'm1',
      reply_q: 'reply_1',
      ids: [port],
    })
    expect(second).toMatchObject({ method: 'build', msg_id: null })
  })

  test('a capture that starts in the middle of a frame continues with the next complete one', () => {
    const whole = publish('nova', 'scheduler', call)
    const seen = only('amqp', true, whole.subarray(whole.length - 9), whole)
    expect(seen).toMatchObject([{ method: 'select_destinations' }])
  })

  test('of requests, answers and statements only what is not secret is written', () => {
    const request = `POST /v3/auth/tokens HTTP/1.1\r\nX-Auth-Token: secret-token\r\nContent-Length: 22\r\n\r\n{"password":"hunter2"}`
    const [seen] = only('http', true, request)
    expect(seen).toMatchObject({ method: 'POST', path: '/v3/auth/tokens', bytes: 22, body: null })
    expect(JSON.stringify(seen)).not.toMatch(/secret-token|hunter2/)
    const sql = ask<string>({
      statement: `INSERT INTO users (id, state, password, made) VALUES ('${port}', 'ACTIVE', '$2b$04$abcDEF', '2026-11-24 06:21:44')`,
    })
    expect(sql).toBe(
      `INSERT INTO users (id, state, password, made) VALUES ('${port}', 'ACTIVE', '…', '2026-11-24 06:21:44')`,
    )
  })

  test('the body of an event that Neutron tells Nova is shown, also where it comes in a segment of its own', () => {
    const body = `{"events": [{"name": "network-vif-plugged", "tag": "${port}"}]}`
    const head = `POST /v2.1/os-server-external-events HTTP/1.1\r\nContent-Length: ${body.length}\r\n\r\n`
    expect(only('http', true, head, body)).toMatchObject([{ body }])
  })

  test("an image's bytes are skipped, although only the start of each segment was captured", () => {
    const head = 'HTTP/1.1 200 OK\r\nContent-Length: 100000\r\n\r\n'
    const next = 'HTTP/1.1 404 Not Found\r\nContent-Length: 0\r\n\r\n'
    const [seen] = feed([
      {
        protocol: 'http',
        request: false,
        parts: [part(head), part('HTTP/1.1 500 no answer', 60_000 - 22), part('x', 39_999), part(next)],
      },
    ])
    expect(seen).toMatchObject([{ status: 200, bytes: 100_000 }, { status: 404 }])
  })

  test('a token is looked for in memcached under the hash that its request shows', () => {
    const [request] = only('http', true, 'GET / HTTP/1.1\r\nX-Auth-Token: abc\r\n\r\n')
    const hash = 'ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad'
    const [lookup] = only('memcached', true, `get tokens/${hash}\r\n`)
    expect(request?.['token']).toBe(`sha256:${hash.slice(0, 32)}`)
    expect(lookup).toMatchObject({ kind: 'cache', key: `tokens/${hash.slice(0, 32)}` })
  })
})

/** The bytes, split at arbitrary places. */
const cut = (bytes: Buffer, places: number[]) => {
  const sorted = [...new Set(places.map((place) => place % bytes.length))].sort((left, right) => left - right)
  return [0, ...sorted].map((start, index) => part(bytes.subarray(start, sorted[index] ?? bytes.length)))
}

const packet = (sql: string) => {
  const payload = Buffer.concat([Buffer.from([3]), Buffer.from(sql)])
  const head = Buffer.alloc(4)
  head.writeUIntLE(payload.length, 0, 3)
  return Buffer.concat([head, payload])
}

test('however TCP splits a message, it is read once and completely', () => {
  const streams: [Run['protocol'], boolean, Buffer][] = [
    ['amqp', true, Buffer.concat([publish('nova', 'scheduler', call), publish('nova', 'conductor', call)])],
    ['mariadb', true, Buffer.concat([packet('UPDATE ports SET status=1'), packet('SELECT a FROM b')])],
    ['http', false, Buffer.from('HTTP/1.1 202 Accepted\r\nX-Compute-Request-Id: req-1\r\nContent-Length: 0\r\n\r\n')],
  ]
  const wholes = feed(streams.map(([protocol, request, bytes]) => ({ protocol, request, parts: [part(bytes)] })))
  const withoutTime = (seen: Seen) => seen.map(({ at: _, ...rest }) => rest)
  fc.assert(
    fc.property(fc.array(fc.array(fc.nat(2000), { maxLength: 6 }), { minLength: 40, maxLength: 40 }), (cuts) => {
      for (const [index, [protocol, request, bytes]] of streams.entries()) {
        const runs = cuts.map((places) => ({
          protocol,
          request,
          parts: cut(bytes, places).filter(({ bytes }) => bytes),
        }))
        for (const seen of feed(runs)) expect(withoutTime(seen)).toEqual(withoutTime(wholes[index]!))
      }
    }),
    { numRuns: 2 },
  )
})

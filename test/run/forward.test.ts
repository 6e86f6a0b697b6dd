/** Ports forwarded into a lab, over real sockets; e2e covers the way through a namespace. */

import { existsSync, mkdtempSync } from 'node:fs'
import { type AddressInfo, connect, createServer, type NetConnectOpts, type Server } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { text } from 'node:stream/consumers'
import { execa } from 'execa'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { LabError } from '../../scripts/declaration/errors.ts'
import { type ForwardedPort, forwardPorts } from '../../scripts/run/forward.ts'
import { fixtureLab } from '../fixtures/lab.ts'

const lab = fixtureLab('kvm')

/** In the lab: answers only when the request has ended, as HTTP/1.0 and many protocols do. */
let target: Server
const portOf = (server: Server) => (server.address() as AddressInfo).port
const listening = (server: Server) =>
  new Promise<Server>((resolve) => server.listen(0, '127.0.0.1', () => resolve(server)))

beforeEach(async () => {
  target = await listening(
    createServer({ allowHalfOpen: true }, (socket) => {
      let heard = ''
      socket.on('data', (words) => {
        heard += words
      })
      socket.on('end', () => socket.end(`heard ${heard}`))
    }),
  )
})
afterEach(() => void target.close())

async function freePort(): Promise<number> {
  const server = await listening(createServer())
  const port = portOf(server)
  await new Promise((resolve) => server.close(resolve))
  return port
}

const forwarded = (name: string, port: number, to = portOf(target)): ForwardedPort => ({
  name,
  port,
  target: { host: '127.0.0.1', port: to },
  where: `lab_open_ports.${name}`,
})

async function say(to: NetConnectOpts, words: string): Promise<string> {
  const socket = connect({ ...to, allowHalfOpen: true })
  socket.end(words)
  return text(socket)
}

const elsewhere = (free: ReadonlyMap<string, number>) => [...free.values()].join(' ')

test('what is sent to the port here arrives in the lab, and the answer comes back even after the request has ended', async () => {
  const port = await freePort()
  const forward = await forwardPorts(lab, [forwarded('dashboard', port)], elsewhere)
  expect(await say({ host: '127.0.0.1', port }, 'hello')).toBe('heard hello')
  await forward.close()
  await expect(say({ host: '127.0.0.1', port }, 'hello')).rejects.toThrow('ECONNREFUSED')
})

test('the number of open connections is known', async () => {
  const port = await freePort()
  const forward = await forwardPorts(lab, [forwarded('console', port)], elsewhere)
  const socket = connect({ host: '127.0.0.1', port })
  await expect.poll(() => forward.open.get('console')).toBe(1)
  socket.destroy()
  await expect.poll(() => forward.open.get('console')).toBe(0)
  await forward.close()
})

test('if the lab refuses the connection, it ends at once', async () => {
  const port = await freePort()
  const forward = await forwardPorts(lab, [forwarded('dashboard', port, await freePort())], elsewhere)
  const outcome = await say({ host: '127.0.0.1', port }, 'hello').catch((error: Error) => error.message)
  expect(outcome).toMatch(/^$|ECONNRESET|EPIPE/)
  await forward.close()
})

test('all ports in use are named at once, and no other stays open', async () => {
  const taken = [await listening(createServer()), await listening(createServer())]
  const free = await freePort()
  const ports = [
    ...taken.map((server, index) => forwarded(index ? 'console' : 'other', portOf(server))),
    forwarded('dashboard', free),
  ]
  const error = await forwardPorts(lab, ports, elsewhere).catch((reason: unknown) => reason)
  expect(error).toBeInstanceOf(LabError)
  expect((error as LabError).findings).toMatchObject(
    taken.map((server, index) => ({
      where: `port ${portOf(server)} on 127.0.0.1 (lab_open_ports.${index ? 'console' : 'other'})`,
      given: 'in use by another program',
      allowed: expect.stringMatching(/^a free port; ss -tlnp/),
    })),
  )
  // One command for all of them, with different free ports.
  const [{ remedy = '' } = {}, other] = (error as LabError).findings
  const proposed = remedy.match(/\d+/g)!.map(Number)
  expect(new Set(proposed).size).toBe(2)
  expect(other?.remedy).toBe(remedy)
  for (const port of proposed) await expect(say({ host: '127.0.0.1', port }, 'hello')).rejects.toThrow('ECONNREFUSED')
  await expect(say({ host: '127.0.0.1', port: free }, 'hello')).rejects.toThrow('ECONNREFUSED')
  for (const server of taken) server.close()
})

test('the half inside connects a Unix socket to the lab, and ends with the process that started it', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'duostack-test-'))
  const program = join(import.meta.dirname, '../../scripts/run/forward-inside.ts')
  const child = execa('node', ['scripts/run.mjs', program, folder, `dashboard=127.0.0.1:${portOf(target)}`], {
    stdin: 'pipe',
  })
  await new Promise((resolve) => child.stdout.once('data', resolve))
  expect(await say({ path: join(folder, 'dashboard') }, 'hello')).toBe('heard hello')
  // Like Ctrl-C: the end of its input ends it.
  child.kill('SIGINT')
  expect(await say({ path: join(folder, 'dashboard') }, 'again')).toBe('heard again')
  child.stdin.end()
  expect((await child).exitCode).toBe(0)
  expect(existsSync(folder)).toBe(false)
})

/**
 * Forwards ports of this machine's loopback interface into the lab. A socket belongs to the network namespace in which
 * it was created. So one process listens here, a second one connects inside the lab's namespace, and a Unix socket,
 * which is a file and independent of network namespaces, joins the two.
 */

import { mkdtempSync, rmSync } from 'node:fs'
import { createServer, type NetConnectOpts, type Server, type Socket } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { execa } from 'execa'
import { CommandError, LabError } from '../declaration/errors.ts'
import type { Lab } from '../declaration/lab.ts'
import { insideLab, wayInside } from './namespace.ts'
import { ownProgram } from './own-program.ts'
import { dial, splice } from './sockets.ts'

export interface ForwardedPort {
  /** Lower-case letters, digits and hyphens. */
  name: string
  /** On 127.0.0.1. */
  port: number
  /** In the lab. */
  target: { host: string; port: number }
  /** Where the port is declared, for the error that it is taken. */
  where: string
  /** The server that answers here, and itself connects to `way`; without it bytes are forwarded. */
  serve?: (way: NetConnectOpts) => Server
}

/** The command that forwards to these ports instead, by name: for the error that others are taken. */
export type Elsewhere = (free: ReadonlyMap<string, number>) => string

export interface Forward {
  /** Connections that are open now, by the port's name. */
  open: ReadonlyMap<string, number>
  /** Becomes true when the forward has ended without having been closed: the lab's namespace is gone. */
  ended: Promise<void>
  close(): Promise<void>
}

/** Listens on all of them or on none: throws LabError for ports in use. */
export async function forwardPorts(lab: Lab, ports: readonly ForwardedPort[], elsewhere: Elsewhere): Promise<Forward> {
  const open = new Map(ports.map(({ name }) => [name, 0]))
  const sockets = new Set<Socket>()
  const inside = await startInside(lab, ports)
  const count = (name: string, by: number) => open.set(name, (open.get(name) ?? 0) + by)
  const servers = ports.map(({ name, serve = forwardBytes }) =>
    serve(inside.wayTo(name)).on('connection', (near: Socket) => {
      sockets.add(near)
      count(name, 1)
      near.once('close', () => {
        sockets.delete(near)
        count(name, -1)
      })
    }),
  )
  const close = async () => {
    for (const server of servers) server.close()
    for (const socket of sockets) socket.destroy()
    await inside.end()
  }
  const results = await Promise.allSettled(ports.map((one, index) => listen(servers[index]!, one)))
  const refused = ports.flatMap((one, index) => {
    const result = results[index]!
    return result.status === 'rejected' ? [{ ...one, code: (result.reason as NodeJS.ErrnoException).code }] : []
  })
  if (refused.length > 0) {
    await close()
    throw await portsRefused(refused, elsewhere)
  }
  return { open, ended: inside.ended, close }
}

const forwardBytes = (way: NetConnectOpts) => createServer({ allowHalfOpen: true }, (near) => splice(near, dial(way)))

const listen = (server: Server, { port }: Pick<ForwardedPort, 'port'>) =>
  new Promise<void>((resolve, reject) => {
    server.once('error', reject).listen({ host: '127.0.0.1', port }, resolve)
  })

/** Whether something could listen there, now. */
export async function isFree(port: number): Promise<boolean> {
  const server = createServer()
  try {
    await listen(server, { port })
    return true
  } catch {
    return false
  } finally {
    server.close()
  }
}

/** The first free one above it. */
async function nextFree(port: number): Promise<number> {
  for (let next = port + 1; next <= 65_535; next++) if (await isFree(next)) return next
  return port
}

async function portsRefused(
  refused: readonly (ForwardedPort & { code: string | undefined })[],
  elsewhere: Elsewhere,
): Promise<LabError> {
  const free = new Map<string, number>()
  // One after the other: two names must not be given the same port.
  for (const { name, port } of refused) free.set(name, await nextFree(Math.max(port, ...free.values())))
  return new LabError(
    refused.map(({ port, where, code }) => ({
      where: `port ${port} on 127.0.0.1 (${where})`,
      given: code === 'EADDRINUSE' ? 'in use by another program' : `cannot be opened for listening (${code})`,
      allowed: `a free port; ss -tlnp 'sport = :${port}' shows which program uses this one`,
      remedy: elsewhere(free),
    })),
  )
}

interface Inside {
  /** What to connect to for a port's target. */
  wayTo(name: string): NetConnectOpts
  ended: Promise<void>
  end(): Promise<void>
}

/** Without a namespace the lab is reached directly, and there is no second process. */
async function startInside(lab: Lab, ports: readonly ForwardedPort[]): Promise<Inside> {
  if (insideLab(lab)) {
    const targets = new Map(ports.map(({ name, target }) => [name, target]))
    return { wayTo: (name) => targets.get(name)!, ended: new Promise(() => {}), end: async () => {} }
  }
  // Not in .lab: the path of a Unix socket has room for 107 characters.
  const folder = mkdtempSync(join(tmpdir(), 'duostack-'))
  const program = fileURLToPath(new URL('./forward-inside.ts', import.meta.url))
  const targets = ports.map(({ name, target }) => `${name}=${target.host}:${target.port}`)
  const way = wayInside(lab, ownProgram(program, folder, ...targets))
  const child = execa(way.file, way.args, { stdio: ['pipe', 'pipe', 'inherit'], reject: false })
  const ended = child.then(() => {
    way.done()
    rmSync(folder, { recursive: true, force: true })
  })
  const ready = new Promise<boolean>((resolve) => {
    child.stdout.once('data', () => resolve(true))
    void ended.then(() => resolve(false))
  })
  if (!(await ready)) throw notStarted((await child).exitCode ?? 1)
  return {
    wayTo: (name) => ({ path: join(folder, name) }),
    ended,
    end: async () => {
      child.stdin.end()
      await ended
    },
  }
}

function notStarted(exitCode: number): CommandError {
  const output = 'see the message above'
  const paste = './lab exec -- ip -br address'
  return new CommandError({ node: 'host', step: 'enter the network of the lab', paste, exitCode, output })
}

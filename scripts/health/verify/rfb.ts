/** A VNC client's first words over a websocket: enough to prove that a console is really behind a URL. */

import type WebSocket from 'ws'

export interface ConsoleTarget {
  /** Where to connect: the proxy itself. */
  host: string
  port: number
  /** What a browser would name: `127.0.0.1:6080` where the console is reached through a forwarded port. */
  authority: string
  /** `websockify?token=…` */
  path: string
}

export interface Framebuffer {
  version: string
  width: number
  height: number
  name: string
}

/** The next bytes of what arrives, in the wanted length, whatever messages they come in. */
type Take = (length: number) => Promise<Buffer>

function takeFrom(socket: WebSocket): Take {
  let buffer = Buffer.alloc(0)
  let wake = () => {}
  socket.on('message', (data: Buffer) => {
    buffer = Buffer.concat([buffer, data])
    wake()
  })
  return async (length) => {
    while (buffer.length < length) await new Promise<void>((resolve) => (wake = resolve))
    const piece = buffer.subarray(0, length)
    buffer = buffer.subarray(length)
    return piece
  }
}

/** Version, security type None, shared session, and what the server then says of its screen. */
async function greet(take: Take, send: (data: Buffer) => void): Promise<Framebuffer> {
  const version = await take(12)
  send(version)
  const types = await take((await take(1))[0]!)
  if (!types.includes(1)) throw new Error(`console offers security types ${[...types].join(', ')}, not None`)
  send(Buffer.from([1]))
  const result = (await take(4)).readUInt32BE()
  if (result !== 0) throw new Error(`console refused: security result ${result}`)
  send(Buffer.from([1]))
  const screen = await take(24)
  const name = await take(screen.readUInt32BE(20))
  return {
    version: version.toString('latin1').trim(),
    width: screen.readUInt16BE(0),
    height: screen.readUInt16BE(2),
    name: name.toString(),
  }
}

/** Rejects with what the other side said in place of a screen, or when its time is over. */
function failureOf(socket: WebSocket, timeout: AbortSignal, timeoutSeconds: number): Promise<never> {
  return new Promise((_, reject) => {
    const fail = (why: string) => reject(new Error(why))
    timeout.addEventListener('abort', () => fail(`no answer within ${timeoutSeconds} s`))
    socket.on('unexpected-response', (_, { httpVersion, statusCode, statusMessage }) =>
      fail(`no websocket: HTTP/${httpVersion} ${statusCode} ${statusMessage}`),
    )
    socket.on('error', ({ message }) => fail(message === 'socket hang up' ? 'connection closed' : message))
    socket.on('close', (_, reason) => fail(`console closed the websocket: ${reason.toString() || 'no reason'}`))
  })
}

/** Speaks RFB through the websocket proxy until the screen is known. Throws with what the other side said instead. */
export async function openConsole(target: ConsoleTarget, timeoutSeconds: number): Promise<Framebuffer> {
  const { host, port, authority, path } = target
  // Most commands that know of consoles open none.
  const { default: WebSocket } = await import('ws')
  // The proxy compares Origin with Host and with its allowed origins, as a browser would send them.
  const as = { headers: { Host: authority }, origin: `http://${authority}`, perMessageDeflate: false }
  const socket = new WebSocket(`ws://${host}:${port}/${path.replace(/^\//, '')}`, 'binary', as)
  const failure = failureOf(socket, AbortSignal.timeout(timeoutSeconds * 1000), timeoutSeconds)
  try {
    return await Promise.race([greet(takeFrom(socket), (data) => socket.send(data)), failure])
  } finally {
    socket.terminate()
  }
}

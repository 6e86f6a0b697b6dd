/** A VNC client's first words over a websocket: enough to prove that a console is really behind a URL. */

import { createHash, randomBytes } from 'node:crypto'
import { connect, type Socket } from 'node:net'

/** Bytes as they arrive, taken in pieces of a wanted length. */
class Incoming {
  private buffer = Buffer.alloc(0)
  private iterator: AsyncIterator<Buffer>

  constructor(socket: Socket) {
    this.iterator = socket[Symbol.asyncIterator]() as AsyncIterator<Buffer>
  }

  async take(length: number): Promise<Buffer> {
    await this.fill(() => this.buffer.length >= length)
    const piece = this.buffer.subarray(0, length)
    this.buffer = this.buffer.subarray(length)
    return piece
  }

  async takeThrough(mark: string): Promise<string> {
    await this.fill(() => this.buffer.includes(mark))
    return (await this.take(this.buffer.indexOf(mark) + mark.length)).toString('latin1')
  }

  private async fill(enough: () => boolean): Promise<void> {
    while (!enough()) {
      const { value, done } = await this.iterator.next()
      if (done)
        throw new Error(`connection closed after ${JSON.stringify(this.buffer.toString('latin1').slice(0, 80))}`)
      this.buffer = Buffer.concat([this.buffer, value])
    }
  }
}

/** RFC 6455, as much as a client needs that sends short messages and reads what comes. */
class WebSocketStream {
  private message = Buffer.alloc(0)

  constructor(
    private readonly socket: Socket,
    private readonly incoming: Incoming,
  ) {}

  /** A client masks every frame. */
  send(data: Buffer): void {
    const mask = randomBytes(4)
    const masked = data.map((byte, index) => byte ^ mask[index % 4]!)
    this.socket.write(Buffer.concat([Buffer.from([0x82, 0x80 | data.length]), mask, masked]))
  }

  async take(length: number): Promise<Buffer> {
    while (this.message.length < length) this.message = Buffer.concat([this.message, await this.frame()])
    const piece = this.message.subarray(0, length)
    this.message = this.message.subarray(length)
    return piece
  }

  private async frame(): Promise<Buffer> {
    const [first = 0, second = 0] = await this.incoming.take(2)
    const short = second & 0x7f
    const length =
      short === 126
        ? (await this.incoming.take(2)).readUInt16BE()
        : short === 127
          ? Number((await this.incoming.take(8)).readBigUInt64BE())
          : short
    const payload = await this.incoming.take(length)
    const opcode = first & 0x0f
    if (opcode === 8) throw new Error(`console closed the websocket: ${payload.subarray(2).toString() || 'no reason'}`)
    return opcode <= 2 ? payload : Buffer.alloc(0)
  }
}

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

async function upgrade(socket: Socket, incoming: Incoming, { authority, path }: ConsoleTarget): Promise<void> {
  const key = randomBytes(16).toString('base64')
  // The proxy compares Origin with Host and with its allowed origins, as a browser would send them.
  const lines = [
    `GET /${path.replace(/^\//, '')} HTTP/1.1`,
    `Host: ${authority}`,
    `Origin: http://${authority}`,
    'Upgrade: websocket',
    'Connection: Upgrade',
    `Sec-WebSocket-Key: ${key}`,
    'Sec-WebSocket-Version: 13',
    'Sec-WebSocket-Protocol: binary',
  ]
  socket.write(`${lines.join('\r\n')}\r\n\r\n`)
  const answer = await incoming.takeThrough('\r\n\r\n')
  const accept = createHash('sha1').update(`${key}258EAFA5-E914-47DA-95CA-C5AB0DC85B11`).digest('base64')
  if (!answer.startsWith('HTTP/1.1 101') || !answer.includes(accept)) {
    throw new Error(`no websocket: ${answer.split('\r\n')[0]}`)
  }
}

/** Version, security type None, shared session, and what the server then says of its screen. */
async function greet(stream: WebSocketStream): Promise<Framebuffer> {
  const version = await stream.take(12)
  stream.send(version)
  const types = await stream.take((await stream.take(1))[0]!)
  if (!types.includes(1)) throw new Error(`console offers security types ${[...types].join(', ')}, not None`)
  stream.send(Buffer.from([1]))
  const result = (await stream.take(4)).readUInt32BE()
  if (result !== 0) throw new Error(`console refused: security result ${result}`)
  stream.send(Buffer.from([1]))
  const screen = await stream.take(24)
  const name = await stream.take(screen.readUInt32BE(20))
  return {
    version: version.toString('latin1').trim(),
    width: screen.readUInt16BE(0),
    height: screen.readUInt16BE(2),
    name: name.toString(),
  }
}

/** Speaks RFB through the websocket proxy until the screen is known. Throws with what the other side said instead. */
export async function openConsole(target: ConsoleTarget, timeoutSeconds: number): Promise<Framebuffer> {
  const socket = connect({ host: target.host, port: target.port })
  const timer = setTimeout(
    () => socket.destroy(new Error(`no answer within ${timeoutSeconds} s`)),
    timeoutSeconds * 1000,
  )
  try {
    const incoming = new Incoming(socket)
    await upgrade(socket, incoming, target)
    return await greet(new WebSocketStream(socket, incoming))
  } finally {
    clearTimeout(timer)
    socket.destroy()
  }
}

import { createHash } from 'node:crypto'
import { type AddressInfo, createServer, type Socket } from 'node:net'
import { describe, expect, onTestFinished, test } from 'vitest'
import { type ConsoleTarget, openConsole } from '../../../scripts/health/verify/rfb.ts'

const frame = (opcode: number, data: Buffer) => Buffer.concat([Buffer.from([0x80 | opcode, data.length]), data])

/** A proxy that upgrades the connection, sends `frames`, and keeps the request that it received. */
async function proxy(answer: (request: string, socket: Socket) => void): Promise<ConsoleTarget> {
  const server = createServer((socket) => {
    socket.once('data', (data) => answer(data.toString(), socket))
    socket.on('error', () => {})
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  onTestFinished(() => void server.close())
  return {
    host: '127.0.0.1',
    port: (server.address() as AddressInfo).port,
    authority: '127.0.0.1:6080',
    path: '?token=t',
  }
}

function upgrade(request: string, socket: Socket): void {
  const key = /Sec-WebSocket-Key: (.*)\r/.exec(request)![1]!
  const accept = createHash('sha1').update(`${key}258EAFA5-E914-47DA-95CA-C5AB0DC85B11`).digest('base64')
  const headers = ['Upgrade: websocket', 'Connection: Upgrade', 'Sec-WebSocket-Protocol: binary']
  const lines = ['HTTP/1.1 101 Switching Protocols', ...headers, `Sec-WebSocket-Accept: ${accept}`]
  socket.write(`${lines.join('\r\n')}\r\n\r\n`)
}

const screen = Buffer.alloc(24)
screen.writeUInt16BE(720, 0)
screen.writeUInt16BE(400, 2)
screen.writeUInt32BE(4, 20)

describe('the console behind a websocket', () => {
  test('gives version, size and name of its screen, however the data is split', async () => {
    let request = ''
    const target = await proxy((asked, socket) => {
      request = asked
      upgrade(asked, socket)
      const bytes = Buffer.concat([Buffer.from('RFB 003.008\n'), Buffer.from([1, 1]), Buffer.alloc(4), screen])
      for (const byte of bytes) socket.write(frame(2, Buffer.from([byte])))
      socket.write(Buffer.concat([frame(9, Buffer.from('ping')), frame(2, Buffer.from('QEMU'))]))
    })
    expect(await openConsole(target, 2)).toEqual({ version: 'RFB 003.008', width: 720, height: 400, name: 'QEMU' })
    expect(request).toContain('GET /?token=t HTTP/1.1')
    expect(request).toContain('Origin: http://127.0.0.1:6080')
  })

  test('fails with the status when there is no websocket', async () => {
    const target = await proxy((_, socket) => socket.end('HTTP/1.1 403 Forbidden\r\n\r\n'))
    await expect(openConsole(target, 2)).rejects.toThrow('no websocket: HTTP/1.1 403 Forbidden')
  })

  test('fails with the reason when the token is refused', async () => {
    const target = await proxy((request, socket) => {
      upgrade(request, socket)
      socket.write(frame(8, Buffer.concat([Buffer.from([3, 0xf0]), Buffer.from('invalid token')])))
    })
    await expect(openConsole(target, 2)).rejects.toThrow('invalid token')
  })

  test('fails in time when the other side is silent or goes away', async () => {
    await expect(openConsole(await proxy(() => {}), 0.2)).rejects.toThrow('no answer within 0.2 s')
    await expect(openConsole(await proxy((_, socket) => socket.destroy()), 2)).rejects.toThrow('connection closed')
  })
})

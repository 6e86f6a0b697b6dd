import { createServer, type Socket } from 'node:net'
import { execa } from 'execa'
import { afterEach, expect, test } from 'vitest'
import { amqpLogin } from '../../scripts/services/amqp-login.ts'

let server: ReturnType<typeof createServer> | undefined
afterEach(() => server?.close())

/** A broker that accepts the whole conversation and then answers with these bytes; e2e uses a real one. */
async function login(answer: (socket: Socket) => void): Promise<{ exitCode: number | undefined; heard: Buffer }> {
  const heard: Buffer[] = []
  server = createServer((socket) => {
    socket.on('data', (data) => {
      heard.push(data)
      if (Buffer.concat(heard).includes(Buffer.of(0, 10, 0, 50))) answer(socket)
    })
  })
  await new Promise<void>((resolve) => server!.listen(0, '127.0.0.1', resolve))
  const { port } = server.address() as { port: number }
  const script = amqpLogin(`127.0.0.1:${port}`, 'openstack', 'pass-word')
  const { exitCode } = await execa('bash', ['-euo', 'pipefail', '-c', script], { reject: false })
  return { exitCode, heard: Buffer.concat(heard) }
}

const getEmpty = Buffer.from('01000100000005003c004800ce', 'hex')
const closeOk = Buffer.from('01000000000004000a0033ce', 'hex')

test('passes when the broker has answered everything; the connection may stay open', async () => {
  const { exitCode, heard } = await login((socket) => socket.write(Buffer.concat([getEmpty, closeOk])))
  expect(exitCode).toBe(0)
  expect(heard.subarray(0, 8)).toEqual(Buffer.from('AMQP\0\0\x09\x01', 'latin1'))
  expect(heard.toString('latin1')).toContain('\0openstack\0pass-word')
})

test('fails if something was refused on the way', async () => {
  expect((await login((socket) => socket.write(closeOk))).exitCode).toBe(1)
})

test('fails if the broker closes the connection, as it does for a wrong password', async () => {
  expect((await login((socket) => socket.end())).exitCode).toBe(1)
})

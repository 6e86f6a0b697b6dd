import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { type ReadySettings, waitUntilReady } from '../../scripts/engine/ready.ts'

/** Answers 503 until it is set to be up. */
let up = false
const server = createServer((_, response) => response.writeHead(up ? 200 : 503).end())
beforeAll(() => new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve)))
afterAll(() => server.close())

function settings(crowding: number): ReadySettings {
  return {
    label: 'late',
    timeScale: 0.1,
    secrets: [],
    crowding: () => crowding,
    hostFor: () => {
      throw new Error('no node is asked')
    },
    lookAt: () => './lab doctor',
  }
}

const check = () => ({
  what: 'it answers',
  url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
  status: [200],
  deadlineSeconds: 2,
})

test('the timeout is enforced', async () => {
  await expect(waitUntilReady(check(), settings(1))).rejects.toThrow('late: it answers')
})

test('on a busy machine a late answer still counts', async () => {
  setTimeout(() => {
    up = true
  }, 400)
  await waitUntilReady(check(), settings(4))
})

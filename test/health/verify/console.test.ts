import { expect, test } from 'vitest'
import type { CloudClient } from '../../../scripts/cloud/client.ts'
import { consoleCheck, consoleTarget } from '../../../scripts/health/verify/console.ts'
import { fixtureLab } from '../../fixtures/lab.ts'

test('the console is reached at the proxy itself, under the name that a browser uses', () => {
  expect(consoleTarget('http://127.0.0.1:6080/vnc_lite.html?path=%3Ftoken%3Dabc', '10.0.0.11')).toEqual({
    host: '10.0.0.11',
    port: 6080,
    authority: '127.0.0.1:6080',
    path: '?token=abc',
  })
})

test('no console is asked for while the instance is not ACTIVE', async () => {
  const lab = fixtureLab('lxc')
  const server = { id: 'a', name: lab.cloud.server.name, status: 'SHUTOFF', addresses: {} }
  const asked: string[] = []
  const cloud = {
    get: async () => ({ servers: [server] }),
    post: async (_type: string, path: string) => asked.push(path),
  } as unknown as CloudClient
  const seen = await consoleCheck.observe({ lab, cloud: async () => cloud, timeoutFactor: 0 })
  expect(seen).toMatchObject([{ ok: false, seen: `not tried: instance ${server.name} ACTIVE does not hold` }])
  expect(asked).toEqual([])
})

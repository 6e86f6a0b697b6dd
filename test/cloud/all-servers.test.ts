import { expect, onTestFinished, test } from 'vitest'
import { readAllServers } from '../../scripts/cloud/all-servers.ts'
import { signIn } from '../../scripts/cloud/client.ts'
import { fakeCloud } from './fake-cloud.ts'

test("an instance that was never scheduled has no reason in Nova's list: it is asked for by its id", async () => {
  const cloud = await fakeCloud()
  onTestFinished(() => cloud[Symbol.asyncDispose]())
  const [fine, told, silent, gone] = ['1', '2', '3', '4'].map((id) => ({ id, name: 'x', status: 'ERROR' }))
  const fault = { message: 'No valid host was found.' }
  const servers = [{ ...fine, status: 'ACTIVE' }, { ...told, fault }, silent, gone]
  cloud.answers['GET /compute/v2.1/servers/detail?all_tenants=1'] = [200, { servers }]
  cloud.answers['GET /compute/v2.1/servers/3'] = [200, { server: { ...silent, fault } }]
  const access = { name: 'admin', password: 'x', region: 'RegionOne', timeoutSeconds: 2, controller: 'c' }
  const client = await signIn({ authUrl: `${cloud.url}/v3`, ...access })
  expect(await readAllServers(client)).toEqual([servers[0], servers[1], { ...silent, fault }, gone])
  expect(cloud.asked.map(({ path }) => path.split('/servers/')[1]).filter(Boolean)).toEqual([
    'detail?all_tenants=1',
    '3',
    '4',
  ])
})

/** Errors about things that were not ready before their timeout. */

import { createServer, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { afterAll, beforeAll, describe } from 'vitest'
import { signIn } from '../../scripts/cloud/client.ts'
import { openIdentity } from '../../scripts/cloud/identity-client.ts'
import { CommandError } from '../../scripts/declaration/errors.ts'
import { waitUntilReady } from '../../scripts/engine/ready.ts'
import type { Readiness } from '../../scripts/engine/service.ts'
import { waitForNode } from '../../scripts/nodes/reach.ts'
import { fixtureLab, fixtureNode } from '../fixtures/lab.ts'
import { exhibit } from './gallery.ts'

let server: Server
let url: string
let body = ''
beforeAll(async () => {
  server = createServer((request, response) => {
    const known = request.url === '/v3/auth/tokens'
    response.writeHead(known ? 201 : 503, { 'X-Subject-Token': 'token' })
    response.end(known ? body : '{"error": {"message": "The server is currently unavailable."}}')
  })
  server.listen(0, '127.0.0.1')
  await new Promise((resolve) => server.once('listening', resolve))
  url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`
})
afterAll(() => server.close())

/** A port on which nothing listens any more. */
let dead: string
beforeAll(async () => {
  const closed = createServer().listen(0, '127.0.0.1')
  await new Promise((resolve) => closed.once('listening', resolve))
  dead = `http://127.0.0.1:${(closed.address() as AddressInfo).port}`
  await new Promise((resolve) => closed.close(resolve))
})
const settings = {
  label: 'glance',
  timeScale: 1,
  crowding: () => 1,
  secrets: [],
  hostFor: () => ({
    name: 'controller',
    run: async () => {
      throw new CommandError({
        node: 'controller',
        step: '',
        paste: '',
        exitCode: 1,
        output: 'controller nova-scheduler\n',
      })
    },
  }),
  lookAt: () => "./lab ssh controller 'journalctl -n 50 -u glance-api; tail -n 50 /var/log/glance/*.log'",
}
const check = (one: object) => waitUntilReady({ deadlineSeconds: 1, ...one } as Readiness, settings)

describe.concurrent('a service', () => {
  exhibit({
    kind: 'NotReadyError',
    name: 'a service that does not answer',
    trigger: () => check({ what: 'Glance answers', url: `${dead}/`, status: [200] }),
  })
  exhibit({
    kind: 'NotReadyError',
    name: 'a service that answers with an error',
    trigger: () => check({ what: 'Glance answers', url: `${url}/`, status: [200] }),
  })
  exhibit({
    kind: 'NotReadyError',
    name: 'a service with a failed check',
    trigger: () =>
      check({ what: 'conductor, scheduler and 1 compute services are up', on: 'controller', command: 'false' }),
  })
})

describe('Keystone', () => {
  exhibit({
    kind: 'NotReadyError',
    name: 'Keystone does not answer',
    trigger: () =>
      openIdentity({ url: `${dead}/v3`, adminPassword: 'x', timeScale: 1, timeoutSeconds: 0, lookAt: './lab doctor' }),
  })
})

const access = () => ({
  authUrl: `${url}/v3`,
  name: 'admin',
  password: 'x',
  region: 'RegionOne',
  timeoutSeconds: 5,
  controller: 'controller',
})
const catalog = (...entries: object[]) => JSON.stringify({ token: { catalog: entries, project: { id: 'p' } } })

describe('the cloud', () => {
  exhibit({
    kind: 'NotReadyError',
    name: 'an endpoint missing from the catalog',
    trigger: async () => {
      body = catalog({ type: 'identity', name: 'keystone', endpoints: [] })
      await (await signIn(access())).get('compute', '/servers')
    },
  })
  exhibit({
    kind: 'NotReadyError',
    name: 'an API that answers with an error',
    trigger: async () => {
      const endpoint = { interface: 'public', region: 'RegionOne', url: `${url}/v2.1` }
      body = catalog({ type: 'compute', name: 'nova', endpoints: [endpoint] })
      await (await signIn(access())).get('compute', '/servers')
    },
  })
  exhibit({
    kind: 'NotReadyError',
    name: 'a cloud that does not answer',
    trigger: () => signIn({ ...access(), authUrl: `${dead}/v3` }),
  })
})

exhibit({
  kind: 'NotReadyError',
  name: 'a node that does not start',
  trigger: () => {
    const node = fixtureNode('compute1', 31, { address: '192.0.2.31' })
    return waitForNode(fixtureLab('lxc'), node, "virsh -c 'lxc:///system' console duostack-compute1", 0)
  },
  // The text depends on this machine's own routes.
  replace: [
    [
      /192\.0\.2\.31 would be reached through \S+,|no route to 192\.0\.2\.31 \(.*\),/g,
      '192.0.2.31 would be reached through eth0,',
    ],
    // On a busy machine the one attempt takes a second.
    [/^not ready after 1 s/g, 'not ready after 0 s'],
  ],
})

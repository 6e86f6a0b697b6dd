import { expect, onTestFinished, test } from 'vitest'
import { signIn } from '../../../scripts/cloud/client.ts'
import { losesRouting } from '../../../scripts/nodes/change/node-changes.ts'
import { checkRouting } from '../../../scripts/nodes/change/routing-off.ts'
import { fakeCloud } from '../../cloud/fake-cloud.ts'
import { fixtureLab } from '../../fixtures/lab.ts'

const router = { address: 'openstack_networking_router_v2.router', name: 'router', tainted: false, attributes: {} }

test('routers go where the declaration has none and Terraform knows one', () => {
  const state = [{ ...router, type: 'openstack_networking_router_v2' }]
  expect(losesRouting(fixtureLab('lxc'), state)).toBe(true)
  expect(losesRouting(fixtureLab('lxc', { networking: 'self-service' }), state)).toBe(false)
  expect(losesRouting(fixtureLab('lxc'), [])).toBe(false)
})

test('what the user demo has made goes with that user', () => {
  const keypair = {
    ...router,
    address: 'openstack_compute_keypair_v2.demo_keypair',
    type: 'openstack_compute_keypair_v2',
  }
  const lab = fixtureLab('lxc', { networking: 'self-service' })
  expect(losesRouting(lab, [keypair])).toBe(false)
  expect(losesRouting({ ...lab, services: { ...lab.services, demo: false } }, [keypair])).toBe(true)
})

test("users' routers, floating IPs and overlay networks are named, and in the way", async () => {
  const cloud = await fakeCloud()
  onTestFinished(() => cloud[Symbol.asyncDispose]())
  const answers: Record<string, unknown> = {
    '/network/v2.0/floatingips': { floatingips: [{ id: 'f1', name: '' }] },
    '/network/v2.0/routers': { routers: [{ id: 'r1', name: 'mine; rm -r /' }] },
    '/network/v2.0/networks?provider%3Anetwork_type=vxlan': { networks: [] },
  }
  for (const [path, body] of Object.entries(answers)) cloud.answers[`GET ${path}`] = [200, body]
  const access = { authUrl: `${cloud.url}/v3`, region: 'RegionOne', timeoutSeconds: 2, controller: 'c' }
  const client = await signIn({ ...access, name: 'admin', password: 'x' })
  const refused = checkRouting(fixtureLab('lxc'), client)
  await expect(refused).rejects.toThrow(/users have floating IPs: f1[\s\S]*users have routers: mine; rm -r \/ \(r1\)/)
  await expect(refused).rejects.toThrow('./lab openstack router delete r1, or lab_networking: self-service')
  cloud.answers['GET /network/v2.0/floatingips'] = [200, { floatingips: [] }]
  cloud.answers['GET /network/v2.0/routers'] = [200, { routers: [] }]
  await expect(checkRouting(fixtureLab('lxc'), client)).resolves.toBeUndefined()
})

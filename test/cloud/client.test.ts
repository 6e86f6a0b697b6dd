import { describe, expect, onTestFinished, test } from 'vitest'
import { signIn } from '../../scripts/cloud/client.ts'
import { NotReadyError } from '../../scripts/declaration/errors.ts'
import { type FakeCloud, fakeCloud } from './fake-cloud.ts'

async function start(): Promise<FakeCloud> {
  const cloud = await fakeCloud()
  onTestFinished(() => cloud[Symbol.asyncDispose]())
  return cloud
}

const access = (url: string) => ({
  authUrl: `${url}/v3`,
  name: 'admin',
  password: 'very-secret',
  region: 'RegionOne',
  timeoutSeconds: 2,
  controller: 'ctl',
})

async function failureOf(work: Promise<unknown>): Promise<NotReadyError> {
  const error = await work.then(
    () => undefined,
    (reason: unknown) => reason,
  )
  expect(error).toBeInstanceOf(NotReadyError)
  return error as NotReadyError
}

describe('the REST client', () => {
  test('signs in as admin and asks a service of the catalog with the token', async () => {
    const cloud = await start()
    cloud.answers['GET /compute/v2.1/servers'] = [200, { servers: [] }]
    const client = await signIn(access(cloud.url))
    expect(await client.get('compute', '/servers')).toEqual({ servers: [] })
    const [login, question] = cloud.asked
    expect(JSON.parse(login!.body).auth.identity.password.user).toMatchObject({
      name: 'admin',
      password: 'very-secret',
    })
    expect(question!.headers['x-auth-token']).toBe('the-token')
  })

  test("passes over a user's service of the same type in another region", async () => {
    const cloud = await start()
    const [, login] = cloud.answers['POST /v3/auth/tokens'] as [number, { token: { catalog: object[] } }]
    login.token.catalog.unshift({ type: 'compute', name: 'mine', endpoints: [] })
    cloud.answers['GET /compute/v2.1/servers'] = [200, { servers: [] }]
    expect(await (await signIn(access(cloud.url))).get('compute', '/servers')).toEqual({ servers: [] })
  })

  test('sends a body and headers, and takes an empty answer', async () => {
    const cloud = await start()
    cloud.answers['POST /compute/v2.1/servers/1/action'] = [202, undefined]
    const client = await signIn(access(cloud.url))
    const headers = { 'OpenStack-API-Version': 'compute 2.6' }
    expect(await client.post('compute', '/servers/1/action', { body: { reboot: {} }, headers })).toBeUndefined()
    expect(cloud.asked.at(-1)).toMatchObject({
      body: '{"reboot":{}}',
      headers: { 'openstack-api-version': 'compute 2.6' },
    })
  })

  test('names request, status, message and where to look when a service refuses', async () => {
    const cloud = await start()
    cloud.answers['GET /v2/images'] = [500, { error: { message: 'database is gone' } }]
    const client = await signIn(access(cloud.url))
    const error = await failureOf(client.get('image', '/v2/images'))
    expect(error.what).toBe(`GET ${cloud.url}/v2/images`)
    expect(error.lastAnswer).toBe('500 database is gone')
    expect(error.next).toContain('./lab ssh ctl journalctl -u glance-api')
  })

  test('never shows the password when Keystone refuses it', async () => {
    const cloud = await start()
    cloud.answers['POST /v3/auth/tokens'] = [
      401,
      { error: { message: 'The request you have made requires authentication.' } },
    ]
    const error = await failureOf(signIn(access(cloud.url)))
    expect(error.message).toContain('401 The request')
    expect(JSON.stringify({ ...error, message: error.message })).not.toContain('very-secret')
  })

  test('gives undefined for an answer that was allowed', async () => {
    const cloud = await start()
    const client = await signIn(access(cloud.url))
    expect(await client.get('image', '/v2/images/gone', { allow: [404] })).toBeUndefined()
  })

  test('says what the catalog has when a type is not in it', async () => {
    const cloud = await start()
    const client = await signIn(access(cloud.url))
    expect((await failureOf(client.get('object-store', '/'))).lastAnswer).toBe(
      'the catalog has identity, image, compute, network, volumev3',
    )
  })

  test('reports that nothing listens', async () => {
    const error = await failureOf(signIn(access('http://127.0.0.1:1')))
    expect(error.lastAnswer).toMatch(/ECONNREFUSED|bad port/)
    expect(error.next).toContain('journalctl -u keystone')
  })

  test('stops waiting for a service that does not answer', async () => {
    const cloud = await start()
    const client = await signIn({ ...access(cloud.url), timeoutSeconds: 0.2 })
    cloud.answers['GET /v2/images'] = 'silence'
    expect((await failureOf(client.get('image', '/v2/images'))).lastAnswer).toBe('no answer in time')
  })
})

/** Signing in to Keystone: waiting for it, being refused, and no password in any message. */

import { afterEach, beforeEach, expect, test } from 'vitest'
import { type Keystone, openAsAdmin, startKeystone } from './keystone-server.ts'

let keystone: Keystone
beforeEach(async () => {
  keystone = await startKeystone()
})
afterEach(() => keystone.stop())

test('a Keystone that is still starting is waited for', async () => {
  keystone.failing = 1
  await expect(openAsAdmin(keystone, { timeoutSeconds: 5 })).resolves.toBeDefined()
})

test('a Keystone that does not start is reported with its last answer', async () => {
  keystone.failing = 100
  await expect(openAsAdmin(keystone)).rejects.toThrow(
    `not ready after 0 s: Keystone at ${keystone.url}\n    last answer: 503\n    look at: ./lab logs keystone`,
  )
  await expect(openAsAdmin(keystone, { url: 'http://127.0.0.1:1/v3' })).rejects.toThrow(
    /last answer: .*(ECONNREFUSED|bad port)/,
  )
})

test('a refused admin password is an error without the password', async () => {
  const error: Error = await openAsAdmin(keystone, { adminPassword: 'wrong-secret' }).then(
    () => Promise.reject(),
    (reason) => reason,
  )
  expect(error.message).toContain('keystone: POST /auth/tokens as admin')
  expect(error.message).toContain('Keystone answers 401 The request you have made requires authentication.')
  expect(error.message).not.toContain('wrong-secret')
})

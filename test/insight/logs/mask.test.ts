import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { secretNames } from '../../../scripts/declaration/secret-names.ts'
import { maskSecrets } from '../../../scripts/insight/logs/mask.ts'

const password = 'Zq8fKx2LmN4pR6tV9wY1aB3cD5eF7gHj'

describe("the lab's own secrets", () => {
  test.each([
    ['in a URL', `transport_url = rabbit://openstack:${password}@10.0.0.11:5672/`],
    ['alone in a line', password],
    ['in JSON', `{"auth": {"password": "${password}"}}`],
    ['glued to other text', `x${password}y`],
    ['in two places', `${password} ${password}`],
  ])('are removed: %s', (_, text) => {
    expect(maskSecrets(text, [password])).not.toContain(password)
  })

  test('whatever surrounds them', () => {
    const anything = fc.string({ unit: 'binary', maxLength: 40 })
    fc.assert(
      fc.property(anything, anything, (before, after) => {
        expect(maskSecrets(before + password + after, [password])).not.toContain(password)
      }),
    )
  })

  test('short values do not blank out words', () => {
    expect(maskSecrets('admin logs in', ['admin'])).toBe('admin logs in')
  })
})

describe('secrets that are nobody of ours', () => {
  test.each([
    ['a token', 'X-Subject-Token: gAAAAABnQw1zAbCdEfGhIjKlMnOpQrStUvWxYz_0123456789-abc==', 'gAAAAAB'],
    [
      'a private key',
      '-----BEGIN OPENSSH PRIVATE KEY-----\nb3BlbnNzaA\n-----END OPENSSH PRIVATE KEY-----',
      'b3BlbnNzaA',
    ],
    ['a private key that was cut off', '-----BEGIN RSA PRIVATE KEY-----\nMIIEow', 'MIIEow'],
    ['a password in a URL', 'mysql+pymysql://nova:hunter2hunter2@10.0.0.11/nova', 'hunter2'],
    ['a password in a file of settings', 'password = hunter2hunter2', 'hunter2'],
    ['a secret of another name', 'metadata_proxy_shared_secret=hunter2hunter2', 'hunter2'],
    ["RabbitMQ's", 'default_pass = hunter2hunter2', 'hunter2'],
    ['a password in JSON', '{"adminPass": "hunter2hunter2", "x": 1}', 'hunter2'],
    ["a console's token", 'GET /vnc_lite.html?token=4b35969e-dedc-4f13-8ae9-5103b23c7471', '4b35969e'],
  ])('%s is removed', (_, text, part) => {
    expect(maskSecrets(text, [])).not.toContain(part)
  })

  test('what is no secret stays', () => {
    const text = 'auth_type = password\nauth_url = http://10.0.0.11:5000\ntoken: fernet\npassword_hash_rounds = 4\n'
    expect(maskSecrets(text, [])).toBe(text)
  })
})

test('every name of a secret is known', () => {
  const secrets = secretNames.map((name) => `${name}-0123456789`)
  expect(secrets.filter((secret) => maskSecrets(`a ${secret} b`, secrets).includes(secret))).toEqual([])
})

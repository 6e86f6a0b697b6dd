/** Key pairs derived from a secret are valid for OpenSSH. */

import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { execa } from 'execa'
import { expect, test } from 'vitest'
import { deriveSshKey } from '../../scripts/services/ssh-key.ts'

const secret = 'q'.repeat(32)

// Names of every length between two blocks of eight bytes: the padding differs.
test.each(['c', 'co', 'com', 'comp', 'compu', 'comput', 'compute', 'compute1'])(
  'OpenSSH reads the private half of %s and sees the same public one',
  async (name) => {
    const folder = mkdtempSync(join(tmpdir(), 'duostack-key-'))
    const key = deriveSshKey(secret, name)
    writeFileSync(join(folder, 'key'), key.private, { mode: 0o600 })
    const { stdout } = await execa('ssh-keygen', ['-y', '-f', join(folder, 'key')])
    rmSync(folder, { recursive: true })
    expect(stdout).toBe(`${key.public} ${name}`)
  },
)

test('the same secret and name give the same pair, a different one of either a different pair', () => {
  expect(deriveSshKey(secret, 'compute1')).toEqual(deriveSshKey(secret, 'compute1'))
  const all = [deriveSshKey(secret, 'compute1'), deriveSshKey(secret, 'compute2'), deriveSshKey('other', 'compute1')]
  expect(new Set(all.map((key) => key.public)).size).toBe(3)
  expect(new Set(all.map((key) => key.private)).size).toBe(3)
})

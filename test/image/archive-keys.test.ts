import { readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { checkArchiveKeys, expectArchiveKeys, keyringOptions } from '../../scripts/image/archive-keys.ts'
import { temporaryFolder } from '../fixtures/folder.ts'
import { systemPackages } from '../host/system-packages.ts'

test.each(Object.entries(systemPackages))(
  '%s: its keys are enough for Debian 12, or the command for newer ones is told',
  (system, known) => {
    const check = () => checkArchiveKeys(known['debian-archive-keyring']!)
    if (system !== 'ubuntu 22.04') return expect(check).not.toThrow()
    expect(check).toThrow(
      /^debian-archive-keyring: 2021\.1\.1ubuntu2, which has no key of Debian 12\n {4}expected: 2023\.3 or later\n {4}hint: curl .*\.deb && echo '[0-9a-f]{64} {2}.*' \| sha256sum -c && sudo dpkg -i /,
    )
  },
)

test('keys that came without the package are left to apt', () => {
  expect(() => checkArchiveKeys('')).not.toThrow()
})

test('this machine is asked', async () => {
  await expect(expectArchiveKeys()).resolves.toBeUndefined()
})

test("apt gets only Debian's keys, instead of this machine's file and folder of keys", () => {
  const folder = join(temporaryFolder(), 'keys')
  const keyring = join(temporaryFolder(), 'debian.pgp')
  writeFileSync(keyring, 'keys of Debian')
  expect(keyringOptions(folder, ['/nowhere/debian.gpg', keyring])).toEqual([
    `--keyring=${keyring}`,
    `--keyring=${folder}`,
  ])
  expect(readdirSync(folder)).toEqual(['debian-archive-keyring.gpg'])
  expect(readFileSync(join(folder, 'debian-archive-keyring.gpg'), 'utf8')).toBe('keys of Debian')
})

test('without the keys nothing is built', () => {
  expect(() => keyringOptions(temporaryFolder(), ['/nowhere/debian.gpg'])).toThrow(
    /^\/nowhere\/debian\.gpg: no such file\n.*\n.*apt-get install --reinstall debian-archive-keyring$/,
  )
})

import { expect, test } from 'vitest'
import { checkArchiveKeys, expectArchiveKeys } from '../../scripts/image/archive-keys.ts'
import { systemPackages } from '../host/system-packages.ts'

test.each(Object.entries(systemPackages))(
  '%s: its keys are enough for Debian 12, or the command for newer ones is told',
  (system, known) => {
    const check = () => checkArchiveKeys(known['debian-archive-keyring']!)
    if (system !== 'ubuntu 22.04') return expect(check).not.toThrow()
    expect(check).toThrow(
      /^debian-archive-keyring: 2021\.1\.1ubuntu2, which has no key of Debian 12\n {4}allowed: 2023\.3 or later\n {4}do: curl .*\.deb && echo '[0-9a-f]{64} {2}.*' \| sha256sum -c && sudo dpkg -i /,
    )
  },
)

test('keys that came without the package are left to apt', () => {
  expect(() => checkArchiveKeys('')).not.toThrow()
})

test('this machine is asked', async () => {
  await expect(expectArchiveKeys()).resolves.toBeUndefined()
})

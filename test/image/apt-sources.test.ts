import { expect, test } from 'vitest'
import { sourceLines, transportOptions } from '../../scripts/image/apt-sources.ts'

const index = (...fields: string[]) => fields.join('|')

test("the image's packages come from the host's own Debian mirror, one line for each suite", () => {
  const targets = [
    index('Packages', 'Debian', 'main', 'http://mirror.test/debian/', 'bookworm'),
    index('Translations', 'Debian', 'main', 'http://mirror.test/debian/', 'bookworm'),
    index('Packages', 'Debian', 'main', 'http://mirror.test/debian/', 'bookworm'),
    index('Packages', 'Debian', 'main', 'http://mirror.test/security/', 'bookworm-security'),
    index('Packages', 'Debian', 'contrib', 'http://mirror.test/debian/', 'bookworm'),
    index('Packages', 'Debian Backports', 'main', 'http://mirror.test/debian/', 'bookworm-backports'),
    index('Packages', 'Somebody', 'main', 'http://other.test/', 'bookworm'),
  ]
  expect(sourceLines(targets.join('\n'))).toEqual([
    'deb http://mirror.test/debian/ bookworm main',
    'deb http://mirror.test/security/ bookworm-security main',
  ])
})

test("a host of another Debian release gives its mirror under the image's suite", () => {
  const targets = index('Packages', 'Debian', 'main', 'http://mirror.test/debian/', 'trixie')
  expect(sourceLines(targets)).toEqual(['deb http://mirror.test/debian/ bookworm main'])
})

test('a host without a Debian mirror gives no line, so that the default mirror is taken', () => {
  expect(sourceLines(index('Packages', 'Ubuntu', 'main', 'http://mirror.test/ubuntu/', 'noble'))).toEqual([])
  const onlySecurity = index('Packages', 'Debian', 'main', 'http://mirror.test/security/', 'bookworm-security')
  expect(sourceLines(onlySecurity)).toEqual([])
})

test("apt's proxy and date settings are taken over, its defaults and secrets of other methods are not", () => {
  const dump = [
    'APT::Architecture "amd64";',
    'Acquire::http "";',
    'Acquire::http::Proxy "http://proxy.test:3128";',
    'Acquire::https::Proxy::other.test "DIRECT";',
    'Acquire::Check-Valid-Until "false";',
    'Acquire::IndexTargets::deb::Packages::Optional "0";',
  ]
  expect(transportOptions(dump.join('\n'))).toEqual([dump[2], dump[3], dump[4]])
})

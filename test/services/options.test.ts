/**
 * Every key that a service writes is known to its package, because a node silently ignores a typo in a configuration
 * file.
 */

import { describe, expect, test } from 'vitest'
import { networkings } from '../../scripts/declaration/lab.ts'
import { overridableFiles, readKnown } from '../../scripts/declaration/override-files.ts'
import type { ServiceName } from '../../scripts/declaration/service-profiles.ts'
import type { ConfigFile, IniContent } from '../../scripts/engine/service.ts'
import { enabledServices, services } from '../../scripts/services/index.ts'
import { everyService, fixtureLab, fixtureSecrets } from '../fixtures/lab.ts'

/** systemd's own keys, for which there is no list; systemd logs a warning for unknown keys. */
const withoutList = Object.keys(overridableFiles).filter((path) => overridableFiles[path] === null)

/** Keys of an ini file that its package does not know, as `[section] key`. */
function unknownKeys(path: string, content: IniContent): string[] {
  if (!overridableFiles[path])
    throw new Error(`${path}: no option list; add it to generate-options.py, and to iniFiles in the profile`)
  const list = readKnown(path).known
  const sections = new Map([...list].map(([name, keys]) => [name.toLowerCase(), keys]))
  // A section of a Cinder backend has the name given in enabled_backends.
  const backends = String(content['DEFAULT']?.['enabled_backends'] ?? '').split(',')
  for (const backend of backends) sections.set(backend, list.get('backend_defaults') ?? new Set())
  return Object.entries(content).flatMap(([section, options]) =>
    Object.keys(options)
      // For MariaDB a dash and an underscore are the same.
      .filter((key) => ![key, key.replaceAll('_', '-')].some((one) => sections.get(section.toLowerCase())?.has(one)))
      .map((key) => `[${section}] ${key}`),
  )
}

const shapes = (['kvm', 'qemu', 'lxc'] as const).flatMap((hypervisor) =>
  networkings.map((networking) => fixtureLab(hypervisor, { services: everyService, networking })),
)

function iniFilesOf(name: ServiceName): (ConfigFile & { content: IniContent })[] {
  return shapes
    .flatMap((lab) => services[name](lab, fixtureSecrets).parts)
    .flatMap((part) => part.files)
    .filter((file): file is ConfigFile & { content: IniContent } => typeof file.content !== 'string')
    .filter((file) => !withoutList.includes(file.path))
}

describe('the packages know every key', () => {
  for (const name of enabledServices(shapes[0]!)) {
    test(`that ${name} writes, in every shape of node`, () => {
      const unknown = iniFilesOf(name).flatMap(({ path, content }) =>
        unknownKeys(path, content).map((key) => `${path}: ${key}`),
      )
      expect([...new Set(unknown)]).toEqual([])
    })
  }
})

test('a misspelt key, a key of another section and an unknown section are found', () => {
  const content = { DEFAULT: { my_ipp: '10.0.0.11', virt_type: 'qemu' }, libvrt: { virt_type: 'qemu' } }
  expect(unknownKeys('/etc/nova/nova.conf', content)).toEqual([
    '[DEFAULT] my_ipp',
    '[DEFAULT] virt_type',
    '[libvrt] virt_type',
  ])
})

test('a Cinder backend may have the keys of every driver, and no others', () => {
  const content = { DEFAULT: { enabled_backends: 'lvm' }, lvm: { volume_group: 'g', volume_grup: 'g' } }
  expect(unknownKeys('/etc/cinder/cinder.conf', content)).toEqual(['[lvm] volume_grup'])
})

test('an ini file without an option list is refused, so that none goes unchecked', () => {
  expect(() => unknownKeys('/etc/other/other.conf', {})).toThrow('/etc/other/other.conf: no option list')
})

test('the files that can be overridden are the ini files of all services, in every shape of node', () => {
  const written = shapes.flatMap((lab) =>
    enabledServices(lab).flatMap((name) =>
      services[name](lab, fixtureSecrets)
        .parts.flatMap(({ files }) => files)
        .filter(({ content }) => typeof content !== 'string')
        .map(({ path }) => path),
    ),
  )
  expect(Object.keys(overridableFiles)).toEqual([...new Set(written)].sort())
})

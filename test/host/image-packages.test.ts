import { mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import type { Lab } from '../../scripts/declaration/lab.ts'
import { checkImagePackages, missingInImage } from '../../scripts/host/image-packages.ts'
import { nodePackages } from '../../scripts/image/recipe.ts'
import { temporaryFolder } from '../fixtures/folder.ts'
import { fixtureLab, fixtureStockImage } from '../fixtures/lab.ts'

const statusOf = (packages: readonly string[]) =>
  packages.map((name) => `Package: ${name}\nStatus: install ok installed\nVersion: 1\n`).join('\n')
const without = (...names: string[]) => statusOf(nodePackages.filter((name) => !names.includes(name)))

/** An existing lab with an image of these packages. */
function labWith(status: string, changes: Partial<Lab> = {}): Lab {
  const image = join(temporaryFolder(), 'image')
  mkdirSync(image)
  writeFileSync(join(image, 'packages'), status)
  const lab = fixtureLab('lxc', changes)
  return { ...lab, paths: { ...lab.paths, image } }
}

test('a current image has everything that the services need', () => {
  expect(missingInImage(fixtureLab('kvm'), statusOf(nodePackages))).toEqual(new Map())
})

test('a service that is on and whose packages are not in the image is refused, with the way to get it', () => {
  const [finding, ...others] = checkImagePackages(labWith(without('cinder-volume', 'cinder-api')))
  expect(others).toEqual([])
  expect(finding).toMatchObject({ where: 'lab_services.cinder' })
  expect(finding?.given).toContain('does not contain cinder-api, cinder-volume')
  expect(finding?.remedy).toContain('./lab up --rebuild')
})

test('packages of a service that is off, or of an option that is not set, may be missing', () => {
  const { services } = fixtureLab('lxc')
  expect(checkImagePackages(labWith(without('cinder-api'), { services: { ...services, cinder: false } }))).toEqual([])
  expect(checkImagePackages(labWith(without('cinder-backup')))).toEqual([])
  expect(checkImagePackages(labWith(without('cinder-backup'), { volumeBackup: true }))).toHaveLength(1)
})

test.each([
  ['neutron-l3-agent', { networking: 'self-service' }, 'lab_networking', 'lab_networking: provider'],
  ['cinder-backup', { volumeBackup: true }, 'lab_volume_backup', 'lab_volume_backup: false'],
  ['memcached', {}, 'lab_services.memcached', 'with a current image)'],
] as const)(
  'a missing %s names the key that asks for it, and what to declare instead',
  (name, changes, key, instead) => {
    const [finding] = checkImagePackages(labWith(without(name), changes))
    expect(finding?.where).toBe(key)
    expect(finding?.remedy?.endsWith(instead)).toBe(true)
  },
)

test('what was removed again counts as missing', () => {
  const removed = 'Package: memcached\nStatus: deinstall ok config-files\nVersion: 1\n'
  expect(checkImagePackages(labWith(`${without('memcached')}\n${removed}`))).toHaveLength(1)
})

test('nodes of a stock image get their packages from its sources', () => {
  expect(checkImagePackages(labWith(without('nova-api'), { stockImage: fixtureStockImage }))).toEqual([])
})

/** Overrides of the declaration reach the file they name, and no other. */

import { expect, test } from 'vitest'
import { renderContent } from '../../scripts/engine/ini.ts'
import { serviceOf } from '../../scripts/services/index.ts'
import { fixtureLab, fixtureSecrets } from '../fixtures/lab.ts'

const path = '/etc/glance/glance-api.conf'

function glanceConf(configOverrides: Record<string, Record<string, Record<string, string>>>) {
  const service = serviceOf(fixtureLab('kvm', { configOverrides }), fixtureSecrets, 'glance')
  return service.parts.flatMap(({ files }) => files).find((file) => file.path === path)!.content
}

test('an override replaces a key, adds a key and adds a section; the rest stays', () => {
  const plain = glanceConf({})
  const overridden = glanceConf({
    [path]: { DEFAULT: { workers: '7', debug: 'true' }, profiler: { enabled: 'false' } },
  })
  expect(overridden).toMatchObject({
    DEFAULT: { workers: '7', debug: 'true', bind_host: '10.0.0.11' },
    profiler: { enabled: 'false' },
    paste_deploy: { flavor: 'keystone' },
  })
  expect(glanceConf({})).toEqual(plain)
})

test('an override of one service leaves the others as they are', () => {
  const configOverrides = { [path]: { DEFAULT: { debug: 'true' } } }
  const [with_, without] = [fixtureLab('kvm', { configOverrides }), fixtureLab('kvm')]
  expect(serviceOf(with_, fixtureSecrets, 'nova')).toEqual(serviceOf(without, fixtureSecrets, 'nova'))
})

test('a list repeats its key', () => {
  const alias = ['{"name": "a"}', '{"name": "b"}']
  const configOverrides = { '/etc/nova/nova.conf': { pci: { alias } } }
  const nova = serviceOf(fixtureLab('kvm', { configOverrides }), fixtureSecrets, 'nova')
  const file = nova.parts.flatMap(({ files }) => files).find((one) => one.path === '/etc/nova/nova.conf')!
  expect(renderContent(file.content)).toContain('[pci]\nalias = {"name": "a"}\nalias = {"name": "b"}\n')
})

/** Overrides of the declaration reach the file they name, and only that one. */

import { expect, test } from 'vitest'
import { LabError } from '../../scripts/errors.ts'
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

test('paths that nobody writes are refused all at once, with the paths that exist', () => {
  const configOverrides = { '/etc/glance/glance.conf': {}, '/etc/hosts': {} }
  const lab = fixtureLab('kvm', { configOverrides })
  const refusal = (() => {
    try {
      return serviceOf(lab, fixtureSecrets, 'keystone')
    } catch (error) {
      return error
    }
  })()
  expect(refusal).toBeInstanceOf(LabError)
  const { findings } = refusal as LabError
  expect(findings.map(({ given }) => given)).toEqual([
    '/etc/glance/glance.conf, which no service of this lab writes as an ini file',
    '/etc/hosts, which no service of this lab writes as an ini file',
  ])
  expect(findings[0]!.allowed).toContain('/etc/glance/glance-api.conf, ')
})

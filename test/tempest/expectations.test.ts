import { readdirSync } from 'node:fs'
import { describe, expect, test } from 'vitest'
import type { Lab } from '../../scripts/declaration/lab.ts'
import { expectationsOf, knownFailures, listNames, readList } from '../../scripts/tempest/expectations.ts'
import { fixtureLab } from '../fixtures/lab.ts'

const selfService = fixtureLab('lxc', { networking: 'self-service' })
const provider = fixtureLab('lxc')

const expectedOf = (lab: Lab, list: (typeof listNames)[number]) => {
  const expectation = expectationsOf(lab)
  return [...readList(list).keys()].filter((name) => expectation(name).expected)
}

describe('the committed lists', () => {
  test('are those that can be asked for', () => {
    const files = readdirSync(new URL('../../scripts/tempest/lists', import.meta.url))
    expect(files.sort()).toEqual(listNames.map((name) => `${name}.tsv`).sort())
  })

  test.each(listNames)('%s has each test once, in order, with needs that have a text', (name) => {
    const names = [...readList(name).keys()]
    expect(names).toEqual([...new Set(names)].sort())
    const nothing: Lab = { ...provider, services: { ...provider.services, cinder: false, horizon: false } }
    for (const test of names) expect(expectationsOf(nothing)(test).leftOut ?? '').not.toContain('undefined')
  })

  test('refstack is the whole guideline without object storage', () => {
    expect(readList('refstack').size).toBe(333)
    expect(readList('smoke').size).toBe(111)
  })
})

describe('what a lab is expected to pass', () => {
  test('self-service in containers: the whole guideline', () => {
    expect(expectedOf(selfService, 'refstack')).toHaveLength(333)
  })

  test('provider networks in containers: all that needs no router and no network of a project', () => {
    const left = expectedOf(provider, 'refstack')
    expect(left).toHaveLength(333 - 101)
    expect(left.filter((name) => /router|floating/.test(name))).toEqual([])
    expect(left).toContain('tempest.api.network.test_security_groups.SecGroupTest.test_list_security_groups')
  })

  test('provider networks on virtual machines: projects have networks by VLAN, but no routers', () => {
    const left = expectedOf(fixtureLab('kvm'), 'refstack')
    expect(left).toHaveLength(333 - 27)
  })

  test.each([
    ['self-service in containers', selfService, 90],
    ['provider networks in containers', provider, 49],
    ['provider networks on virtual machines', fixtureLab('kvm'), 78],
  ])('of the smoke tests, %s', (_, lab, count) => {
    expect(expectedOf(lab, 'smoke')).toHaveLength(count)
  })

  test('a test that asks an instance for its public address needs floating IPs', () => {
    const name = 'tempest.scenario.test_server_basic_ops.TestServerBasicOps.test_server_basic_ops'
    expect(expectationsOf(provider)(name).leftOut).toMatch(/floating IPs/)
    expect(expectationsOf(selfService)(name).expected).toBe(true)
  })

  test('without Cinder: nothing that needs volumes, and the reason names the key', () => {
    const lab = { ...selfService, services: { ...selfService.services, cinder: false } }
    expect(expectedOf(lab, 'refstack')).toHaveLength(333 - 67)
    expect(expectationsOf(lab)('tempest.api.volume.test_versions.VersionsTest.test_list_versions')).toEqual({
      expected: false,
      leftOut: 'needs volumes (lab_services.cinder)',
    })
  })

  test('a known failure is expected of no lab, and is run', () => {
    for (const [name, known] of Object.entries(knownFailures)) {
      expect(expectationsOf(selfService)(name)).toEqual({ expected: false, known })
    }
  })

  test('of a test on no list nothing is expected', () => {
    expect(expectationsOf(selfService)('tempest.api.compute.admin.test_agents.A.test_b')).toEqual({ expected: false })
  })
})

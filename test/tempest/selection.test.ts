import { describe, expect, test } from 'vitest'
import { UsageError } from '../../scripts/declaration/errors.ts'
import { readList } from '../../scripts/tempest/expectations.ts'
import { nameOf, parsePattern, selectTests, serviceOfTest } from '../../scripts/tempest/selection.ts'

const all = [
  'tempest.api.network.test_a.A.test_two[id-2]',
  'tempest.api.compute.test_a.A.test_one[id-1,smoke]',
  ...[...readList('refstack').keys()].map((name) => `${name}[id-0]`),
]

describe('the tests of a run', () => {
  test('are those of a list, by their names', () => {
    const tests = selectTests('refstack', all)
    expect(tests).toHaveLength(333)
    expect(tests.every(({ name, full }) => full === `${name}[id-0]`)).toBe(true)
  })

  test('or those whose full name matches, with id and attributes', () => {
    expect(selectTests('id-[12]', all).map(({ name }) => name)).toEqual([
      'tempest.api.compute.test_a.A.test_one',
      'tempest.api.network.test_a.A.test_two',
    ])
    expect(selectTests('smoke\\]', all)).toHaveLength(1)
  })

  test('a word that matches nothing, or is no pattern, is a wrong use', () => {
    expect(() => selectTests('nothing-like-this', all)).toThrow(UsageError)
    expect(() => parsePattern('tempest.api.(')).toThrow(UsageError)
  })

  test('a list that names a test which this Tempest does not have is our fault', () => {
    expect(() => selectTests('smoke', all)).toThrow(/this Tempest has no tempest\./)
  })
})

test('a name is without id and attributes, and tells its service', () => {
  expect(nameOf('tempest.api.compute.x.Y.test_z[id-1,smoke]')).toBe('tempest.api.compute.x.Y.test_z')
  expect(serviceOfTest('tempest.api.object_storage.x.Y.test_z')).toBe('object storage')
  expect(serviceOfTest('tempest.scenario.x.Y.test_z')).toBe('scenario')
})

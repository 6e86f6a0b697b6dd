import { expect, test } from 'vitest'
import { UsageError } from '../../scripts/declaration/errors.ts'
import { parseCondition, parseTimeout } from '../../scripts/lab/wait-arguments.ts'

test.each([
  ['healthy', { name: 'healthy', server: '' }],
  ['active:web1', { name: 'active', server: 'web1' }],
  ['deleted:a:b c', { name: 'deleted', server: 'a:b c' }],
])('%s is a condition', (given, wanted) => {
  expect(parseCondition(given)).toEqual(wanted)
})

test.each(['', 'active', 'active:', 'healthy:web1', 'running:web1', 'constructor:x'])('%j is refused', (given) => {
  expect(() => parseCondition(given)).toThrow(UsageError)
  expect(() => parseCondition(given)).toThrow('healthy, active:SERVER or deleted:SERVER')
})

test('a timeout has a unit, and is at most a day', () => {
  expect(['30s', '5m', '2 min', '1h'].map(parseTimeout)).toEqual([30, 300, 120, 3600])
  for (const given of ['', '5', '-5m', '1.5h', '2d', '999999999999h'])
    expect(() => parseTimeout(given)).toThrow(UsageError)
})

import { describe, expect, test } from 'vitest'
import { errorOf, foldResults, type Line, parseLine } from '../../scripts/tempest/results.ts'

const line = (id: string, status: Line['status'], changes: Partial<Line> = {}): Line => ({
  ...{ id, status, seconds: 1, reason: '', traceback: '' },
  ...changes,
})
const tests = ['t.A.one', 't.A.two', 't.B.one'].map((name) => ({ name, full: `${name}[id-1]` }))

test('only lines of ours are read', () => {
  expect(parseLine('Non-zero exit code (2) from test listing.')).toBeUndefined()
  expect(parseLine('{ half a')).toBeUndefined()
  expect(parseLine(JSON.stringify(line('t.A.one', 'success')))).toEqual(line('t.A.one', 'success'))
})

test('the error of a traceback is all behind its last call, on one line', () => {
  const calls = 'Traceback (most recent call last):\n\n  File "a.py", line 1, in f\n    x()\n\n'
  expect(errorOf(`${calls}BadRequest: no\nDetails: {}`)).toBe('BadRequest: no Details: {}')
  expect(errorOf('AssertionError: plain')).toBe('AssertionError: plain')
  expect(errorOf('')).toBe('no reason given')
})

describe('the outcomes of a run', () => {
  test('stand in the order of its tests', () => {
    const lines = [
      line('t.B.one[id-1]', 'skip', { reason: 'not here' }),
      line('t.A.two[id-1]', 'fail', { traceback: 'KeyError: x' }),
      line('t.A.one[id-1]', 'success'),
    ]
    expect(foldResults(tests, lines)).toMatchObject([
      { name: 't.A.one', status: 'passed', seconds: 1 },
      { name: 't.A.two', status: 'failed', reason: 'KeyError: x' },
      { name: 't.B.one', status: 'skipped', reason: 'not here' },
    ])
  })

  test('a class that was not set up gives its reason to each of its tests', () => {
    const lines = [line('setUpClass (t.A)', 'skip', { reason: 'no such extension' }), line('t.B.one[id-1]', 'success')]
    expect(foldResults(tests, lines)).toMatchObject([
      { name: 't.A.one', status: 'skipped', reason: 'no such extension' },
      { name: 't.A.two', status: 'skipped', reason: 'no such extension' },
      { name: 't.B.one', status: 'passed' },
    ])
  })

  test('a test that was begun or never reached did not pass', () => {
    const outcomes = foldResults(tests, [line('t.A.one[id-1]', 'inprogress')])
    expect(outcomes.map(({ status, reason }) => [status, reason])).toEqual([
      ['failed', 'did not end'],
      ['failed', 'was not run: the run ended before it'],
      ['failed', 'was not run: the run ended before it'],
    ])
  })

  test('the end of a class that fails is a failure of its own', () => {
    const lines = [...tests.map(({ full }) => line(full, 'success')), line('tearDownClass (t.A)', 'fail')]
    expect(foldResults(tests, lines).at(-1)).toMatchObject({ name: 'tearDownClass (t.A)', status: 'failed' })
  })
})

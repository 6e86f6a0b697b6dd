import { XMLParser } from 'fast-xml-parser'
import { describe, expect, test } from 'vitest'
import { renderTempestJunit } from '../../scripts/tempest/junit.ts'
import { showVerdict } from '../../scripts/tempest/report.ts'
import type { Outcome } from '../../scripts/tempest/results.ts'
import { judge } from '../../scripts/tempest/verdict.ts'

const passed = (name: string): Outcome => ({ name, status: 'passed', seconds: 1.5 })
const outcomes: Outcome[] = [
  passed('tempest.api.compute.A.test_one'),
  { name: 'tempest.api.compute.A.test_two', status: 'failed', seconds: 2, reason: 'bad\u001b[2J', traceback: 'a\nb' },
  { name: 'tempest.api.image.B.test_one', status: 'skipped', seconds: 0, reason: 'not enabled' },
  { name: 'tempest.api.network.C.test_one', status: 'left-out', seconds: 0, reason: 'needs routers' },
  { name: 'tempest.api.network.C.test_two', status: 'left-out', seconds: 0, reason: 'needs routers' },
]
const nothing = () => ({ expected: false })
const everything = () => ({ expected: true })

describe('the verdict', () => {
  test('is bad where something failed', () => {
    expect(judge(outcomes, nothing).ok).toBe(false)
    expect(judge([outcomes[0]!], nothing).ok).toBe(true)
  })

  test('is bad where something was skipped that is expected to pass: skipped is not passed', () => {
    expect(judge([outcomes[0]!, outcomes[2]!], nothing).ok).toBe(true)
    expect(judge([outcomes[0]!, outcomes[2]!], everything).ok).toBe(false)
  })

  test('is good where only what is known to fail has failed, which counts as failed', () => {
    const verdict = judge(outcomes.slice(0, 2), () => ({ expected: false, known: 'upstream' }))
    expect(verdict).toMatchObject({ ok: true, counts: { passed: 1, failed: 1, skipped: 0, leftOut: 0 } })
    expect(showVerdict(verdict, 65, [])).toMatch(
      /known: upstream[\s\S]*✓ 1 of 2 tests passed; the 1 that failed: upstream/,
    )
  })

  test('counts by service', () => {
    expect(judge(outcomes, nothing).services).toEqual([
      { service: 'compute', passed: 1, failed: 1, skipped: 0, leftOut: 0 },
      { service: 'image', passed: 0, failed: 0, skipped: 1, leftOut: 0 },
      { service: 'network', passed: 0, failed: 0, skipped: 0, leftOut: 2 },
    ])
  })
})

test('the text has each reason once, the table and the end; what is from outside is escaped', async () => {
  const text = showVerdict(judge(outcomes, nothing), 125, ['networks tempest-a-1'])
  await expect(text).toMatchFileSnapshot('golden/report.txt')
  expect(text).not.toContain('\u001b')
})

test('the JUnit file has a case for each test, with its class', () => {
  const xml = new XMLParser({ ignoreAttributes: false }).parse(renderTempestJunit('duostack', judge(outcomes, nothing)))
  const suite = xml.testsuites.testsuite
  expect(suite).toMatchObject({ '@_tests': '5', '@_failures': '1', '@_skipped': '3' })
  expect(suite.testcase[0]).toMatchObject({ '@_classname': 'tempest.api.compute.A', '@_name': 'test_one' })
  expect(suite.testcase[1].failure['@_message']).toBe('bad\\x1b[2J')
  expect(suite.testcase[3].skipped['@_message']).toBe('needs routers')
})

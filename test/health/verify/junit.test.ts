import { XMLParser, XMLValidator } from 'fast-xml-parser'
import { expect, test } from 'vitest'
import { renderJunit } from '../../../scripts/health/verify/junit.ts'

const hostile = 'a <b> & "c" \u001b[31m ]]>'
const observations = [
  { id: 'demo', what: 'user demo signs in', ok: true, seen: '0 of 4 instances', next: '' },
  {
    id: `instance/${hostile}/ping`,
    what: `instance ${hostile} answers ping`,
    ok: false,
    seen: hostile,
    next: './lab status',
  },
]

test('each observation is a test case; a failed one has what was seen and the next command', () => {
  const xml = renderJunit('duostack verify', observations)
  expect(XMLValidator.validate(xml)).toBe(true)
  expect(xml).not.toContain('\u001b')
  const { testsuites } = new XMLParser({ ignoreAttributes: false, attributeNamePrefix: '' }).parse(xml)
  expect(testsuites.testsuite).toMatchObject({ tests: '2', failures: '1', errors: '0' })
  const [good, bad] = testsuites.testsuite.testcase
  expect(good).toMatchObject({ name: 'user demo signs in', id: 'demo', 'system-out': '0 of 4 instances' })
  expect(good.failure).toBeUndefined()
  expect(bad.failure).toMatchObject({ '#text': './lab status' })
  expect(bad.failure.message).toContain('a <b> & "c" \\x1b[31m')
})

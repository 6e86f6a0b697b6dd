/** Results as JUnit XML, which CI systems read: of verify, and of whatever else has cases. */

import { XMLBuilder } from 'fast-xml-parser'
import type { Observation } from '../../run/check.ts'
import { visible } from '../../terminal/visible.ts'

const builder = new XMLBuilder({
  ignoreAttributes: false,
  attributeNamePrefix: '@',
  format: true,
  suppressEmptyNode: true,
})

/** One case; its texts are shown already. */
export type JunitCase = Readonly<Record<string, unknown>> & { failure?: object; skipped?: object }

/** XML has no place for control characters: they are shown as escapes. Pure. */
export function renderJunit(suite: string, observations: readonly Observation[]): string {
  const cases = observations.map(({ id, what, ok, seen, next }) => ({
    '@classname': suite,
    '@name': visible(what),
    '@id': visible(id),
    ...(ok ? { 'system-out': visible(seen) } : { failure: { '@message': visible(seen), '#text': visible(next) } }),
  }))
  return renderCases(suite, cases)
}

/** `more`: further attributes of the suite. */
export function renderCases(suite: string, cases: readonly JunitCase[], more: Record<string, unknown> = {}): string {
  const failures = cases.filter(({ failure }) => failure).length
  const counts = { '@tests': cases.length, '@failures': failures, '@errors': 0, ...more }
  return `${builder.build({
    '?xml': { '@version': '1.0', '@encoding': 'UTF-8' },
    testsuites: { testsuite: { '@name': suite, ...counts, testcase: cases } },
  })}`
}

/** What a run means: each outcome beside what was expected, counts by service, and whether all is as expected. */

import type { Expectation } from './expectations.ts'
import type { Outcome, Status } from './results.ts'
import { serviceOfTest } from './selection.ts'

export interface Judged extends Outcome {
  service: string
  /** It was expected to pass on this lab. */
  expected: boolean
  /** It fails because of upstream packages; it counts as failed. */
  known?: string
}

export type Counts = Record<'passed' | 'failed' | 'skipped' | 'leftOut', number>

export interface Verdict {
  /** Everything that is expected has passed, and nothing else has failed but what is known to. */
  ok: boolean
  counts: Counts
  services: (Counts & { service: string })[]
  tests: Judged[]
}

const keyOf = (status: Status) => (status === 'left-out' ? 'leftOut' : status)

function count(tests: readonly Judged[]): Counts {
  const counts = { passed: 0, failed: 0, skipped: 0, leftOut: 0 }
  for (const { status } of tests) counts[keyOf(status)]++
  return counts
}

export const isBad = ({ status, expected, known }: Judged): boolean =>
  status === 'failed' ? known === undefined : status === 'skipped' && expected

export function judge(outcomes: readonly Outcome[], expectation: (name: string) => Expectation): Verdict {
  const tests = outcomes.map((outcome): Judged => {
    const { expected, known } = expectation(outcome.name)
    return { ...outcome, service: serviceOfTest(outcome.name), expected, ...(known ? { known } : {}) }
  })
  const names = [...new Set(tests.map(({ service }) => service))].sort()
  const services = names.map((service) => ({ service, ...count(tests.filter((one) => one.service === service)) }))
  return { ok: !tests.some(isBad), counts: count(tests), services, tests }
}

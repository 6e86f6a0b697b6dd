/** A run of Tempest as a person reads it: what failed, what was skipped and why, and a table by service. */

import { showDuration } from '../terminal/amounts.ts'
import { table } from '../terminal/table.ts'
import { visibleIn } from '../terminal/visible.ts'
import { type Counts, isBad, type Judged, type Verdict } from './verdict.ts'

const short = (name: string) => name.replace(/^tempest\.(api\.)?/, '')

/** Tests with the same reason stand below it, so that each reason is read once. */
function byReason(title: string, tests: readonly Judged[]): string[] {
  if (tests.length === 0) return []
  const reasons = [...new Set(tests.map(({ reason = '' }) => reason))]
  return [
    `${title} (${tests.length})`,
    ...reasons.flatMap((reason) => [
      `  ${reason}`,
      ...tests
        .filter((one) => (one.reason ?? '') === reason)
        .map((one) => `    ${isBad(one) ? '✗' : '-'} ${short(one.name)}`),
    ]),
    '',
  ]
}

function failures(tests: readonly Judged[]): string[] {
  if (tests.length === 0) return []
  const lines = tests.map(({ name, reason = '', known }) => {
    const why = known ? `\n      known: ${known}` : ''
    return `  ✗ ${short(name)}: ${reason}${why}`
  })
  return [`failed (${tests.length})`, ...lines, '']
}

const columns = ['passed', 'failed', 'skipped', 'leftOut'] as const

const row = (name: string, counts: Counts) => [name, ...columns.map((column) => `${counts[column]}`)]

function ending({ ok, counts, tests }: Verdict): string {
  const { passed, leftOut } = counts
  const run = tests.length - leftOut
  const known = tests.filter((one) => one.known && one.status === 'failed').length
  const all = `${passed} of ${run} tests passed${leftOut ? `; ${leftOut} are not for this lab` : ''}`
  if (!ok) return `✗ ${all}`
  return `✓ ${all}${known ? `; the ${known} that failed: upstream packages` : ''}`
}

/** `leftovers`: what Tempest had not removed itself. */
export function showVerdict(given: Verdict, seconds: number, leftovers: readonly string[]): string {
  const verdict = visibleIn(given)
  const of = (status: Judged['status']) => verdict.tests.filter((one) => one.status === status)
  const rows = [
    ['', 'passed', 'failed', 'skipped', 'left out'],
    ...verdict.services.map(({ service, ...counts }) => row(service, counts)),
    row('all', verdict.counts),
  ]
  return [
    ...byReason('left out', of('left-out')),
    ...byReason('skipped', of('skipped')),
    ...failures(of('failed')),
    ...table(rows, { numbersFrom: 1 }),
    '',
    ...(leftovers.length ? [`  removed, because Tempest had left it: ${visibleIn(leftovers).join(', ')}`] : []),
    `${ending(verdict)}, in ${showDuration(seconds * 1000)}`,
  ].join('\n')
}

/** What was observed, as a person reads it. */

import { type Observation, wasTried } from '../../run/check.ts'
import { cut } from '../../terminal/cut.ts'
import { visibleIn } from '../../terminal/visible.ts'

/**
 * The list as a person reads it; failures carry their next step. Good lines are cut at `width`, the terminal's, where it
 * is known: a failure is always told whole.
 */
export function showObservations(observations: readonly Observation[], width = Number.POSITIVE_INFINITY): string {
  const lines = visibleIn(observations).map(({ what, ok, seen, next }) =>
    ok ? cut(`  ✓ ${what}: ${seen}`, width) : `  ✗ ${what}: ${seen}\n      next: ${next}`,
  )
  const bad = observations.filter(({ ok }) => !ok)
  const waiting = bad.filter((one) => !wasTried(one)).length
  const rest = waiting ? `, and ${waiting} that depend on them were not run` : ''
  const end = bad.length
    ? `${bad.length - waiting} of ${observations.length} checks failed${rest}`
    : `${observations.length} checks passed`
  return [...lines, end].join('\n')
}

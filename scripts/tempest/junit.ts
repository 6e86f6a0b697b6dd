/** A run of Tempest as JUnit XML. */

import { renderCases } from '../health/verify/junit.ts'
import { visible, visibleLines } from '../terminal/visible.ts'
import type { Judged, Verdict } from './verdict.ts'

function caseOf({ name, seconds, status, reason = '', traceback = '', known }: Judged) {
  const at = name.lastIndexOf('.')
  const message = visible(known ? `${reason} (known: ${known})` : reason)
  const shown = { '@classname': visible(name.slice(0, at)), '@name': visible(name.slice(at + 1)), '@time': seconds }
  if (status === 'passed') return shown
  // What was wrong is in the message; CI systems show a skipped case apart from those that passed.
  return status === 'failed'
    ? { ...shown, failure: { '@message': message, '#text': visibleLines(traceback) } }
    : { ...shown, skipped: { '@message': message } }
}

export function renderTempestJunit(suite: string, { tests, counts }: Verdict): string {
  return renderCases(suite, tests.map(caseOf), { '@skipped': counts.skipped + counts.leftOut })
}

/** A table of the slowest steps of an `up`. */

import { showBar } from '../../run/progress/row.ts'
import type { TimedStep, Timings } from '../../run/progress/timings.ts'
import { showDuration } from '../../terminal/amounts.ts'
import { cut } from '../../terminal/cut.ts'
import { visibleIn } from '../../terminal/visible.ts'

const shownRows = 10
const barWidth = 20

/** Without the steps that only group others. */
function ownSteps(steps: readonly TimedStep[]): TimedStep[] {
  return steps.filter(({ name }) => name !== 'whole')
}

/** Steps that ran in parallel add up to more than the elapsed time, which is in the header. */
export function showTimings({ begun, ended, steps }: Pick<Timings, 'begun' | 'ended' | 'steps'>, width = 80): string {
  const rows = ownSteps(visibleIn(steps))
    .map(({ stack, name, start, end, outcome }) => ({ stack, name, took: end - start, outcome }))
    .toSorted((a, b) => b.took - a.took)
  const shown = rows.slice(0, shownRows)
  const longest = Math.max(1, rows[0]?.took ?? 1)
  const stackWidth = Math.max(...shown.map(({ stack }) => stack.length))
  const nameWidth = Math.min(
    Math.max(...shown.map(({ name }) => name.length)),
    Math.max(12, width - stackWidth - barWidth - 18),
  )
  const rest = rows.slice(shownRows)
  return [
    `Where the time went (${showDuration(Date.parse(ended) - Date.parse(begun))} in total):`,
    ...shown.map(({ stack, name, took, outcome }) =>
      [
        ' ',
        stack.padEnd(stackWidth),
        cut(name, nameWidth).padEnd(nameWidth),
        showDuration(took).padStart(12),
        outcome === 'done' ? showBar(took / longest, barWidth).replaceAll('░', '') : outcome,
      ]
        .join(' ')
        .trimEnd(),
    ),
    ...(rest.length ? [`  and ${rest.length} more, each ${showDuration(rest[0]!.took)} or less`] : []),
  ].join('\n')
}

/** The chain that determined the total time, in order, with the gaps between its links. */
export function showChain(path: readonly TimedStep[]): string {
  const first = path[0]
  const last = path.at(-1)
  if (!first || !last) return ''
  const onPath = path.reduce((sum, { start, end }) => sum + end - start, 0)
  const stackWidth = Math.max(...path.map(({ stack }) => stack.length))
  const nameWidth = Math.max(...path.map(({ name }) => name.length))
  const rows = path.map(({ stack, name, start, end }) =>
    [
      ' ',
      stack.padEnd(stackWidth),
      name.padEnd(nameWidth),
      showDuration(end - start).padStart(10),
      `at ${showDuration(start - first.start)}`,
    ].join(' '),
  )
  return [
    `Critical path (${showDuration(onPath)} of ${showDuration(last.end - first.start)}); only faster steps here make the whole faster:`,
    ...rows,
  ].join('\n')
}

/** The chain of steps that decided how long a deploy took: each one started when the previous one ended. */

import type { TimedStep } from '../../run/progress/timings.ts'

/** What must exist before a step of this name may begin; undefined if only times are known. */
export type NeedsOf = (name: string) => readonly string[] | undefined

/** A step that starts this long before another one has ended did not wait for it. */
const slackMs = 250

/** Steps that only group others are not links of the chain. */
export function linksOf(steps: readonly TimedStep[]): TimedStep[] {
  return steps
    .filter(({ name }) => name !== 'whole')
    .toSorted((left, right) => left.start - right.start || left.end - right.end)
}

/** Of the steps that a step may have waited for, the one that ended last before it began. */
function releaser(step: TimedStep, steps: readonly TimedStep[], needsOf: NeedsOf): TimedStep | undefined {
  const before = steps.filter((one) => one !== step && one.end <= step.start + slackMs && one.start < step.start)
  const needs = needsOf(step.name)
  const needed = needs ? before.filter(({ name, stack }) => stack === step.stack && needs.includes(name)) : []
  const candidates = needed.length ? needed : before
  return candidates.toSorted((left, right) => right.end - left.end)[0]
}

/** From the first to the last step; empty if there is none. */
export function criticalPath(steps: readonly TimedStep[], needsOf: NeedsOf): TimedStep[] {
  const links = linksOf(steps)
  const path: TimedStep[] = []
  let step = links.toSorted((left, right) => right.end - left.end)[0]
  while (step && !path.includes(step)) {
    path.unshift(step)
    step = releaser(step, links, needsOf)
  }
  return path
}

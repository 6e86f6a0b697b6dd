/** The result of the search for one step: its evidence and related observations; and what the searches share. */

import type { Observation, RestRequest } from './evidence.ts'
import type { Scene } from './scene.ts'
import type { StepId } from './text-step.ts'

export interface Found {
  one: Observation
  more: Observation[]
}

export type FoundSteps = ReadonlyMap<StepId, Found>

export type Finder = (scene: Scene) => Found | undefined

/** Found if `one` exists; of `more`, those that exist are kept. */
export const only = (one: Observation | undefined, more: (Observation | undefined)[] = []): Found | undefined =>
  one && { one, more: more.filter((other) => other !== undefined) }

/** A line of a service's log that contains one of the launch's request ids. */
export const ownLog = (scene: Scene, unit: string, pattern: RegExp) =>
  scene.logs.find(
    (line) =>
      line.by.unit === unit &&
      pattern.test(line.message) &&
      line.requestIds.some((id) => id === scene.ids.globalRequest || scene.ids.requests.includes(id)),
  )

/** The answer as a separate arrow; only a successful one is the step. */
export function answerTo(request: RestRequest | undefined): Found | undefined {
  const answer = request?.answer
  return answer && answer.status < 300 ? { one: answer, more: [] } : undefined
}

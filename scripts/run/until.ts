/** Looking again and again at what a cloud is doing, until it is done; every wait has a deadline and says what it waits for. */

import { setTimeout as sleep } from 'node:timers/promises'
import { NotReadyError } from '../declaration/errors.ts'
import type { Lab } from '../declaration/lab.ts'

export interface Wait {
  /** As an error names it: `volume 1234… available`. */
  what: string
  /** Seconds at native speed. */
  seconds: number
  /** Where a person looks when it does not come. */
  next: string
  /** Between two looks, at native speed and at most; 1 and 5. */
  pauseSeconds?: number
  longestPauseSeconds?: number
}

/** What was waited for, or how things stand instead, for an error. `lost`: it will never come. */
export type Look<T> = { found: T } | { now: string; lost?: boolean }

/** `look` is given the real seconds that have passed. Throws NotReadyError with what was seen last. */
export async function until<T>(
  { timeScale }: Pick<Lab, 'timeScale'>,
  { what, seconds, next, pauseSeconds = 1, longestPauseSeconds = 5 }: Wait,
  look: (waited: number) => Promise<Look<T>>,
): Promise<T> {
  const started = performance.now()
  const since = () => Math.round((performance.now() - started) / 1000)
  for (;;) {
    const seen = await look(since())
    if ('found' in seen) return seen.found
    const waited = since()
    if (seen.lost || waited > seconds * timeScale) throw new NotReadyError(what, waited, seen.now, next)
    await sleep(1000 * Math.min(pauseSeconds * timeScale, longestPauseSeconds))
  }
}

/**
 * Waits until something becomes true: the only polling loop, with a timeout and a pause that both follow the lab's
 * speed.
 */

import { setTimeout as sleep } from 'node:timers/promises'
import { NotReadyError } from '../declaration/errors.ts'
import type { Lab } from '../declaration/lab.ts'
import { untilStopped } from './progress/stop.ts'

type Speed = Pick<Lab, 'timeScale'>

/** All seconds are those of native speed; `timeScale` multiplies them. */
export interface Polling {
  /** 0 checks once, any other value at least twice; Infinity waits without a limit. */
  timeoutSeconds: number
  /** Between two looks: 1, and on a slow lab no longer than 5. */
  pauseSeconds?: number
  longestPauseSeconds?: number
  /** How overloaded this machine is right now: stretches the timeout, read after each look. */
  crowding?: () => number
  /** Ctrl-C ends the wait with StoppedError, for work that may be left where it is; default: it is ignored. */
  stoppable?: boolean
  /** Does not keep the process alive. */
  background?: boolean
}

/** Polls until it is done or the time is up; returns the last result. Both callbacks get the real seconds so far. */
export async function poll<T>(
  speed: Speed,
  polling: Polling,
  look: (waitedSeconds: number) => Promise<T>,
  isDone: (seen: T, waitedSeconds: number) => boolean,
): Promise<{ seen: T; waitedSeconds: number }> {
  const {
    timeoutSeconds,
    pauseSeconds = 1,
    longestPauseSeconds = 5,
    crowding = () => 1,
    stoppable,
    background,
  } = polling
  const started = performance.now()
  const waited = () => (performance.now() - started) / 1000
  for (let looks = 1; ; looks++) {
    const seen = await look(waited())
    const waitedSeconds = waited()
    // One look that hung for the whole time tells nothing of the next: there are two of them at least.
    const isOver = waitedSeconds >= timeoutSeconds * speed.timeScale * crowding()
    if (isDone(seen, waitedSeconds) || (isOver && (looks > 1 || timeoutSeconds === 0))) return { seen, waitedSeconds }
    const pausing = pause(Math.min(pauseSeconds * speed.timeScale, longestPauseSeconds), background)
    await (stoppable ? untilStopped(pausing) : pausing)
  }
}

/** Real seconds. */
export const pause = (seconds: number, background = false): Promise<void> =>
  sleep(seconds * 1000, undefined, { ref: !background })

export interface Wait extends Polling {
  /** As an error names it: `volume 1234… available`. */
  what: string
  /** The command that shows more when it does not come. */
  next: string
}

/** What was waited for, or what there is instead, for an error. `lost`: it will never come. */
export type Look<T> = { found: T } | { now: string; lost?: boolean }

/** Returns what `look` found. Throws NotReadyError with the last answer when the time is up. */
export async function waitFor<T>(
  speed: Speed,
  wait: Wait,
  look: (waitedSeconds: number) => Promise<Look<T>>,
): Promise<T> {
  const { seen, waitedSeconds } = await poll(speed, wait, look, (seen) => 'found' in seen || seen.lost === true)
  if ('found' in seen) return seen.found
  throw new NotReadyError(wait.what, Math.round(waitedSeconds), seen.now, wait.next)
}

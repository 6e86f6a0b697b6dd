/** Checks of an existing lab: what they work with, and how they are run, once or until they hold. */

import type { CloudClient } from '../cloud/client.ts'
import type { Lab } from '../declaration/lab.ts'
import { type Check, failed, type Observation } from '../run/check.ts'
import { timeouts } from '../run/timeouts.ts'
import { poll } from '../run/wait-for.ts'

export interface Watch {
  lab: Lab
  /** Signed in once; each check that needs the cloud fails by itself where Keystone does not answer. */
  cloud: () => Promise<CloudClient>
  /** Factor of every timeout; 0 looks once. */
  timeoutFactor: number
}

/** For one request to an API: who looks once does not wait for one that is slow. */
export const requestSeconds = (timeoutFactor: number): number =>
  (timeoutFactor ? timeouts.cloud.request : timeouts.cloud.quickRequest).seconds

export interface LabCheck extends Check<Watch> {
  /** Where it is not so there is nothing to look at, and no line; absent: always. */
  when?: (lab: Lab) => boolean
}

const isFine = (observations: readonly Observation[]) => observations.every(({ ok }) => ok)

/** Looks until everything holds or the check's time is over, scaled by the lab; gives what was seen last. */
export async function observeUntil(check: LabCheck, watch: Watch): Promise<Observation[]> {
  const { lab, timeoutFactor } = watch
  if (check.when && !check.when(lab)) return []
  const about = { id: check.id, what: check.what(watch) }
  const look = () => check.observe(watch).catch((error: unknown) => [failed(about, error)])
  // An emulated guest pays for every question: ask it seldom.
  const polling = { timeoutSeconds: timeoutFactor * check.timeoutSeconds, pauseSeconds: 2, longestPauseSeconds: 15 }
  return (await poll(lab, polling, look, isFine)).seen
}

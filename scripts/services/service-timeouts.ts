/** How long the services themselves wait for each other: their own timeouts, from the one table. */

import type { Lab } from '../declaration/lab.ts'
import type { ConfigFile } from '../engine/service.ts'
import { scaled, timeouts } from '../run/timeouts.ts'
import { restartUntilUp, unitDropIn } from './unit-drop-in.ts'

const own = timeouts.openstack

/** The services' own timeouts, for this lab. */
export const serviceTimeouts = (lab: Lab) =>
  Object.fromEntries(Object.entries(own).map(([name, timeout]) => [name, scaled(lab, timeout)])) as Record<
    keyof typeof own,
    number
  >

/** The drop-in for a slow unit: it is restarted until it is up, and has more time to start and stop. */
export function slowUnit(lab: Lab, unit: string, lines: readonly string[] = []): ConfigFile {
  const { unitStart, unitStop } = serviceTimeouts(lab)
  const times = [`TimeoutStartSec=${unitStart}`, `TimeoutStopSec=${unitStop}`]
  return unitDropIn(unit, { ...restartUntilUp, Service: [...(restartUntilUp.Service ?? []), ...times, ...lines] })
}

/**
 * An ExecStartPre that ends when all of these URLs answer, whatever the answer. Polling every second would cost an
 * emulated node a tenth of a core.
 */
export function waitForAnswer(lab: Lab, urls: readonly string[], unless?: string): string {
  const all = urls.map((url) => `curl -s -o /dev/null ${url}`).join(' && ')
  const wait = `until ${all}; do sleep ${Math.min(lab.timeScale, 5)}; done`
  return `ExecStartPre=/bin/sh -c '${unless ? `if ${unless}; then exit 0; fi; ` : ''}${wait}'`
}

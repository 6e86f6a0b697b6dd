/** How long the OpenStack provider waits for an object. */

import type { Lab } from '../scripts/declaration/lab.ts'
import { scaled, type Timeout, timeouts } from '../scripts/run/timeouts.ts'

/** In Terraform's notation, in whole minutes. */
export function within(lab: Pick<Lab, 'timeScale'>, timeout: Timeout): string {
  return `${Math.ceil(scaled(lab, timeout) / 60)}m`
}

export const createDelete = (lab: Pick<Lab, 'timeScale'>) => ({
  create: within(lab, timeouts.cloud.object),
  delete: within(lab, timeouts.cloud.object),
})

/** How long the OpenStack provider waits for an object, from minutes at native speed. */

import type { Lab } from '../scripts/declaration/lab.ts'

/** Longer where nodes are emulated. */
export function within(lab: Pick<Lab, 'timeScale'>, minutes: number): string {
  return `${Math.ceil(minutes * lab.timeScale)}m`
}

export const createDelete = (lab: Pick<Lab, 'timeScale'>, minutes = 5) => ({
  create: within(lab, minutes),
  delete: within(lab, minutes),
})

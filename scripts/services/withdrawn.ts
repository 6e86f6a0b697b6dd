/** Services that a lab does not have, and may have had. */

import type { Lab } from '../declaration/lab.ts'
import { profileOf, type ServiceName, serviceNames } from '../declaration/service-profiles.ts'
import { readState } from '../terraform/state.ts'

/** Off, and to be stopped wherever they run. One that is off by default and never was on has no part in the lab at all. */
export function withdrawnServices(lab: Lab): ServiceName[] {
  const off = serviceNames.filter((name) => !lab.services[name])
  if (off.every((name) => profileOf(name).optional !== 'off')) return off
  const deployed = new Set(readState(lab, 'services').map(({ name }) => name))
  return off.filter((name) => profileOf(name).optional !== 'off' || deployed.has(name))
}

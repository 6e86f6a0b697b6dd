/** Services that a lab does not have now but may have had. */

import type { Lab } from '../declaration/lab.ts'
import { profileOf, type ServiceName, serviceNames } from '../declaration/service-profiles.ts'
import { readState } from '../terraform/state.ts'

/** Disabled services, to be stopped wherever they run, except those that are off by default and never were deployed. */
export function withdrawnServices(lab: Lab): ServiceName[] {
  const off = serviceNames.filter((name) => !lab.services[name])
  if (off.every((name) => profileOf(name).optional !== 'off')) return off
  const deployed = new Set(readState(lab, 'services').map(({ name }) => name))
  return off.filter((name) => profileOf(name).optional !== 'off' || deployed.has(name))
}

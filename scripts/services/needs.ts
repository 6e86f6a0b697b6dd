/** What each service of a lab waits for, by its name. */

import type { Lab } from '../declaration/lab.ts'
import type { Secrets } from '../declaration/secret-names.ts'
import type { ServiceName } from '../declaration/service-profiles.ts'
import { serviceOf } from './index.ts'

/** Undefined if the name is no service. */
export function serviceNeeds(lab: Lab, secrets: Secrets): (name: string) => readonly ServiceName[] | undefined {
  return (name) => (Object.hasOwn(lab.services, name) ? serviceOf(lab, secrets, name as ServiceName).needs : undefined)
}

/** A service that this lab has, for commands that work on its running daemons. */

import { UsageError } from '../declaration/errors.ts'
import type { Lab } from '../declaration/lab.ts'
import { type ServiceName, serviceNames } from '../declaration/service-profiles.ts'

/** Throws UsageError for one that is switched off. */
export function expectService(lab: Lab, command: string, service: ServiceName): ServiceName {
  if (lab.services[service]) return service
  const allowed = serviceNames.filter((name) => lab.services[name]).join(', ')
  const remedy = `set lab_services.${service} in ansible-vars/group_vars/all.yml, then ./lab up`
  throw new UsageError([{ where: `./lab ${command}`, given: `${service} is switched off`, allowed, remedy }])
}

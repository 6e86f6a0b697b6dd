/** The order in which services can start: each after everything it needs. */

import type { ServiceName } from '../declaration/service-profiles.ts'
import type { Service } from '../engine/service.ts'

/** Each service follows those it needs. Throws if needs form a circle or name a service that does not exist. */
export function startOrder(services: readonly Service[]): ServiceName[] {
  const byName = new Map(services.map((service) => [service.name, service]))
  const ordered: ServiceName[] = []
  const visit = (name: ServiceName, path: readonly ServiceName[]) => {
    if (ordered.includes(name)) return
    if (path.includes(name)) throw new Error(`services need each other in a circle: ${[...path, name].join(' -> ')}`)
    const service = byName.get(name)
    if (!service) throw new Error(`${path.at(-1)} needs ${name}, which is not enabled`)
    for (const need of service.needs) visit(need, [...path, name])
    ordered.push(name)
  }
  for (const { name } of services) visit(name, [])
  return ordered
}

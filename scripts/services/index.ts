/** The registry of services: one line each. */

import type { Lab } from '../declaration/lab.ts'
import type { Secrets } from '../declaration/secret-names.ts'
import { type ServiceName, serviceNames } from '../declaration/service-profiles.ts'
import type { Service, ServiceDefinition } from '../engine/service.ts'
import { base } from './base.ts'
import { chrony } from './chrony.ts'
import { cinder } from './cinder.ts'
import { applyOverrides } from './config-overrides.ts'
import { demo } from './demo.ts'
import { glance } from './glance.ts'
import { heat } from './heat.ts'
import { horizon } from './horizon.ts'
import { keystone } from './keystone.ts'
import { mariadb } from './mariadb.ts'
import { memcached } from './memcached.ts'
import { neutron } from './neutron.ts'
import { nova } from './nova.ts'
import { startOrder } from './order.ts'
import { placement } from './placement.ts'
import { rabbitmq } from './rabbitmq.ts'
import { stockParts } from './stock-node.ts'

export const services = {
  base,
  chrony,
  mariadb,
  rabbitmq,
  memcached,
  keystone,
  glance,
  placement,
  nova,
  neutron,
  cinder,
  horizon,
  heat,
  demo,
} satisfies Record<ServiceName, ServiceDefinition>

/** The enabled services of this lab, in the order a reader expects. */
export function enabledServices(lab: Lab): ServiceName[] {
  return serviceNames.filter((name) => lab.services[name])
}

/** One service of this lab, overrides included; on nodes of a stock image `base` has all packages. */
export function serviceOf(lab: Lab, secrets: Secrets, name: ServiceName): Service {
  const all = enabledServices(lab).map((enabled) => services[enabled](lab, secrets))
  startOrder(all)
  const service = applyOverrides(lab, services[name](lab, secrets))
  if (name !== 'base' || !lab.stockImage) return service
  return { ...service, parts: [...stockParts(lab, lab.stockImage, all), ...service.parts] }
}

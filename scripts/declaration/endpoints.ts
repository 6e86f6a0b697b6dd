/** Where the services listen: one port each, all on the controller's management address. */

import { controllerOf, type Lab } from './lab.ts'
import { byService, profileOf, type ServiceName, serviceNames, type serviceProfiles } from './service-profiles.ts'

type PortsOf<Profile> = Profile extends { ports: infer Ports } ? keyof Ports : never

/** Each port by the name of what listens there. */
export type Listener = { [Name in ServiceName]: PortsOf<(typeof serviceProfiles)[Name]> }[ServiceName]

/** TCP ports on the controller, as in the install guide and the packages. */
export const ports = Object.assign({}, ...serviceNames.map((name) => profileOf(name).ports)) as Readonly<
  Record<Listener, number>
>

/** The service of each port. chrony and the agents have none: they use UDP, or do not listen. */
export const listenersOf: Readonly<Record<ServiceName, readonly Listener[]>> = byService(
  (name) => Object.keys(profileOf(name).ports ?? {}) as Listener[],
)

/** `10.0.0.11:5000`: the one address a listener binds, and by which everyone names it. */
export function socketOf(lab: Lab, listener: Listener): string {
  return `${controllerOf(lab).address}:${ports[listener]}`
}

/** `http://10.0.0.11:9292`, by address, so that clients outside the nodes need no /etc/hosts. */
export function urlOf(lab: Lab, listener: Listener): string {
  return `http://${socketOf(lab, listener)}`
}

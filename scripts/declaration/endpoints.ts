/** Where the services listen: one port each, all on the controller's management address. */

import { controllerOf, type Lab, type ServiceName } from './lab.ts'

/** TCP ports on the controller, as in the install guide and the packages. */
export const ports = {
  mariadb: 3306,
  epmd: 4369,
  keystone: 5000,
  rabbitmq: 5672,
  novncproxy: 6080,
  nova: 8774,
  novaMetadata: 8775,
  cinder: 8776,
  placement: 8778,
  glance: 9292,
  neutron: 9696,
  memcached: 11211,
  rabbitmqDistribution: 25672,
  horizon: 80,
} as const
export type Listener = keyof typeof ports

/** Whose they are. chrony and the agents have none: they speak UDP, or listen to nobody. */
export const listenersOf: Readonly<Record<ServiceName, readonly Listener[]>> = {
  base: [],
  chrony: [],
  mariadb: ['mariadb'],
  rabbitmq: ['rabbitmq', 'epmd', 'rabbitmqDistribution'],
  memcached: ['memcached'],
  keystone: ['keystone'],
  glance: ['glance'],
  placement: ['placement'],
  nova: ['nova', 'novaMetadata', 'novncproxy'],
  neutron: ['neutron'],
  cinder: ['cinder'],
  horizon: ['horizon'],
  demo: [],
}

/** `10.0.0.11:5000`: the one address a listener binds, and by which everyone names it. */
export function socketOf(lab: Lab, listener: Listener): string {
  return `${controllerOf(lab).address}:${ports[listener]}`
}

/** `http://10.0.0.11:9292`, by address, so that clients outside the nodes need no /etc/hosts. */
export function urlOf(lab: Lab, listener: Listener): string {
  return `http://${socketOf(lab, listener)}`
}

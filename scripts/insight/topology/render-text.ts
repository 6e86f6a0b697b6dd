/** The topology for the terminal: each machine with its bridges, and below each what is connected to it. */

import { visibleIn } from '../../terminal/visible.ts'
import { nameOfPlace, placesOf } from '../wire/places.ts'
import { isRouter } from './items.ts'
import type { Interface, Machine, Topology } from './model.ts'

const mark = (good: boolean) => (good ? '✓' : '✗')

/** What kind of interface it is, and what it is carried by. */
export function kindWords({ kind, vlan, vxlan }: Interface): string {
  if (vlan) return `VLAN ${vlan.id} on ${vlan.below}`
  return vxlan ? `VXLAN ${vxlan.id} on ${vxlan.below}, to ${vxlan.peers.join(' ') || 'no other node'}` : kind
}

function describe(one: Interface): string {
  const words = [kindWords(one), `MTU ${one.mtu}`, ...one.addresses]
  return `${mark(one.up)} ${one.name}  ${words.join(', ')}`
}

function behind(machine: Machine, topology: Topology, port: Interface): string {
  const instance = machine.instances.find(({ interfaces }) => interfaces.some(({ tap }) => tap === port.name))
  if (instance) {
    const found = topology.ports.find(({ device }) => device === instance.id)
    const chains = machine.chains.filter((chain) => found?.id.startsWith(chain.port)).map(({ chain }) => chain)
    return `  → ${instance.name} (${instance.domain}, ${instance.state}), ${found?.addresses.join(' ') ?? ''}, filters ${chains.join(' ') || 'none'}`
  }
  const cable = topology.cables.find(({ from }) => from.machine === machine.name && from.interface === port.name)
  if (!cable) return ''
  const { to } = cable
  if (!to.namespace) return `  → ${to.interface} of ${to.machine}`
  const found = machine.interfaces.find(({ name, namespace }) => name === to.interface && namespace === to.namespace)
  if (isRouter(to.namespace)) return `  → ${to.interface} in ${to.namespace}, ${found?.addresses.join(' ')}`
  const dnsmasq = machine.dnsmasq.find(({ network }) => to.namespace?.endsWith(network))
  const address = found?.addresses[0]
  return `  → ${to.interface} in ${to.namespace}, ${address ?? 'no address'}, ${dnsmasq ? `dnsmasq pid ${dnsmasq.pid}` : 'no dnsmasq'}`
}

function showRouter({ routers = [], floatingIps = [] }: Topology, space: string): string[] {
  const router = routers.find(({ id }) => space.endsWith(id))
  const own = floatingIps.filter((one) => one.router === router?.id && one.fixedAddress)
  return [
    `  router ${router?.name ?? '?'} is ${space}`,
    ...own.map(({ address, fixedAddress, status }) => `      floating IP ${address} → ${fixedAddress}, ${status}`),
  ]
}

function showMachine(machine: Machine, topology: Topology): string[] {
  const own = machine.interfaces.filter(({ namespace }) => !namespace)
  const bridges = own.filter(({ kind }) => kind === 'bridge')
  const network = (name: string) => topology.networks.find(({ bridge }) => bridge === name)
  const loose = own.filter((one) => !one.master && one.kind !== 'bridge')
  return [
    `${machine.name} (${machine.roles.join(', ')})`,
    ...loose.map((one) => `  ${describe(one)}`),
    ...bridges.flatMap((bridge) => {
      const found = network(bridge.name)
      const plugged = own.filter(({ master }) => master === bridge.name)
      return [
        `  ${describe(bridge)}${found ? `  network ${found.name}, ${found.type}${found.segment === undefined ? '' : ` ${found.segment}`}` : ''}`,
        ...plugged.map((one) => `      ${describe(one)}${behind(machine, topology, one)}`),
      ]
    }),
    ...machine.namespaces.filter(isRouter).flatMap((space) => showRouter(topology, space)),
  ]
}

/** Each instance with the places where its packets can be seen. */
export function placesOfAll(topology: Topology) {
  return topology.machines.flatMap(({ instances }) =>
    instances.flatMap((instance) => {
      const port = topology.ports.find(({ device, host }) => device === instance.id && host)
      return port ? [{ instance, places: placesOf(topology, port) }] : []
    }),
  )
}

function showPlaces(topology: Topology): string[] {
  const all = placesOfAll(topology)
  if (all.length === 0) return []
  return [
    'where packets can be seen: ./lab capture SERVER --at PLACE',
    ...all.flatMap(({ instance, places }) => [
      `  ${instance.name}`,
      ...places.map((place) => `      ${place.name.padEnd(6)}  ${nameOfPlace(place)}`),
    ]),
    '',
  ]
}

export function showTopology(read: Topology): string {
  const topology = visibleIn(read)
  const machines = topology.machines.flatMap((machine) => [...showMachine(machine, topology), ''])
  return [...machines, ...showPlaces(topology)].join('\n')
}

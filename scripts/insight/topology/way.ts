/** Which machines, ports and networks lie between this host and an instance, with the router where there is one. */

import { isIPv6 } from 'node:net'
import { lookAtUnit } from '../../cloud/where-to-look.ts'
import { LabError } from '../../declaration/errors.ts'
import type { Lab } from '../../declaration/lab.ts'
import type { FloatingIp, Instance, Interface, Machine, Names, Port, Topology } from './model.ts'

type Network = Topology['networks'][number]

export interface Way {
  lab: Lab
  topology: Topology
  host: Machine
  node: Machine
  instance: Instance
  port: Port
  network: Network
  /** For an instance on a network that this host is not part of; absent if no router leads there. */
  router?: Passage
}

/** A router on the way, from its port outside to the one inside. */
export interface Passage {
  id: string
  name: string
  /** The node that has its namespace. */
  node: Machine
  outside: { port: Port; network: Network }
  inside: Port
  /** Absent if the instance has none: then nothing can reach it from here. */
  floating?: FloatingIp
}

export const shown = (one: Interface | undefined) =>
  one
    ? `${one.name} ${one.up ? 'up' : 'DOWN'}${one.master ? `, in ${one.master}` : ''}, MTU ${one.mtu}${one.addresses.length ? `, ${one.addresses.join(' ')}` : ''}`
    : 'missing'

export const on = (machine: Machine, name: string, space?: string) =>
  machine.interfaces.find((one) => one.name === name && one.namespace === space)

/** The log of the agent that connects ports on a node. */
export const bridgeAgent = (node: string) =>
  lookAtUnit(node, 'neutron-linuxbridge-agent', '/var/log/neutron/neutron-linuxbridge-agent.log')

/** By Nova's name or id. Throws LabError with the existing names. */
export function findWay(lab: Lab, topology: Topology, wanted: string): Way {
  const found = topology.machines.flatMap((node) =>
    node.instances
      .filter(({ id, name, domain }) => [id, name, domain].includes(wanted))
      .map((instance) => ({ node, instance })),
  )[0]
  const port = topology.ports.find(({ device }) => device === found?.instance.id)
  const network = topology.networks.find(({ id }) => id === port?.network)
  if (found && port && network) {
    const router = isBesideHost(lab, network) ? undefined : findPassage(topology, port)
    return { lab, topology, host: topology.machines[0]!, ...found, port, network, ...(router ? { router } : {}) }
  }
  const names = topology.machines.flatMap(({ instances }) => instances.map(({ name }) => name))
  throw new LabError([
    {
      where: './lab topology --path',
      given: found ? `${wanted} has no port in Neutron` : `no instance ${JSON.stringify(wanted)} on a compute node`,
      allowed: names.join(', ') || 'there is no instance',
      remedy: './lab openstack server list --all-projects',
    },
  ])
}

/** Whether this host has an address in the network. */
export const isBesideHost = ({ networks }: Lab, { type, segment }: Network) =>
  type === 'flat' || (networks.vlan !== undefined && type === 'vlan' && segment === networks.vlan.vlanId)

/** The router that leads out of a port's network: its ports on both sides, and the port's floating IP. */
export function findRouterPorts({ ports, routers = [], floatingIps = [] }: Names, port: Port) {
  const interfaces = ports.filter(
    ({ owner, network }) => owner === 'network:router_interface' && network === port.network,
  )
  // A network with an IPv6 subnet has two; floating IPs are IPv4.
  const inside = interfaces.find(({ addresses }) => !isIPv6(addresses[0] ?? '')) ?? interfaces[0]
  const router = routers.find(({ id }) => id === inside?.device)
  const gateway = ports.find(({ owner, device }) => owner === 'network:router_gateway' && device === router?.id)
  if (!inside || !router || !gateway) return undefined
  return { router, inside, gateway, floating: floatingIps.find((one) => one.port === port.id) }
}

function findPassage(topology: Topology, port: Port) {
  const found = findRouterPorts(topology, port)
  const network = topology.networks.find(({ id }) => id === found?.gateway.network)
  const node = topology.machines.find(({ name }) => name === found?.gateway.host)
  if (!found || !network || !node) return undefined
  const { router, inside, gateway, floating } = found
  const passage: Passage = { ...router, node, outside: { port: gateway, network }, inside }
  return floating ? { ...passage, floating } : passage
}

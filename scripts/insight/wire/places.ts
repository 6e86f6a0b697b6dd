/** The places on an instance's path where its packets can be seen: what they are called, and what is captured there. */

import { bridgeName, dhcpNamespace, routerNamespace, tapName } from '../../cloud/neutron-names.ts'
import { providerInterface } from '../../declaration/provider-network.ts'
import type { Names, Port } from '../topology/model.ts'
import { findRouterPorts } from '../topology/way.ts'

/** From the instance outwards. */
export const placeNames = ['tap', 'bridge', 'eth1', 'dhcp', 'router'] as const

export type PlaceName = (typeof placeNames)[number]

export interface Place {
  name: PlaceName
  node: string
  /** Absent for the node's own. */
  namespace?: string
  /** `any`: all of the namespace. */
  device: string
  /** The instance's packets among all others, as pcap-filter(7) writes it; absent where there are no others. */
  filter?: string
}

/** By its MAC; and DHCP's answers to everyone that are meant for it (`chaddr`, 28 bytes into the message). */
function packetsOf(mac: string): string {
  const [high, low] = [mac.slice(0, 11), mac.slice(12)].map((part) => `0x${part.replaceAll(':', '')}`)
  return `ether host ${mac} or (udp src port 67 and udp[36:4] == ${high} and udp[40:2] == ${low})`
}

const withAddress = (addresses: readonly string[]) => addresses.map((address) => `host ${address}`).join(' or ')

/** Where packets of a VXLAN network leave the cloud: on the router's node, under another address. */
function outside(names: Names, port: Port): Place[] {
  const found = findRouterPorts(names, port)
  if (!found) return []
  const { gateway, floating } = found
  const translated = withAddress(floating ? [floating.address] : gateway.addresses)
  // What follows `vlan` is read behind a tag, for a network outside that has one.
  const filter = `${translated} or (vlan and (${translated}))`
  return [{ name: 'eth1', node: gateway.host, device: providerInterface, filter }]
}

function router(names: Names, port: Port): Place[] {
  const found = findRouterPorts(names, port)
  if (!found) return []
  const addresses = [...port.addresses, ...(found.floating ? [found.floating.address] : [])]
  const namespace = routerNamespace(found.router.id)
  return [{ name: 'router', node: found.gateway.host, namespace, device: 'any', filter: withAddress(addresses) }]
}

function dhcp({ ports }: Names, port: Port): Place[] {
  const servers = ports.filter(
    ({ owner, network, host }) => owner === 'network:dhcp' && network === port.network && host,
  )
  return servers.slice(0, 1).map(({ id, host }) => ({
    name: 'dhcp',
    node: host,
    namespace: dhcpNamespace(port.network),
    device: `ns-${id.slice(0, 11)}`,
    filter: packetsOf(port.mac),
  }))
}

/** Of the path of a port that is bound to a node; in the order of `placeNames`, without those that it does not have. */
export function placesOf(names: Names, port: Port): Place[] {
  const filter = packetsOf(port.mac)
  const network = names.networks.find(({ id }) => id === port.network)
  return [
    { name: 'tap', node: port.host, device: tapName(port.id) },
    { name: 'bridge', node: port.host, device: bridgeName(port.network), filter },
    ...(network?.type === 'vxlan'
      ? outside(names, port)
      : [{ name: 'eth1' as const, node: port.host, device: providerInterface, filter }]),
    ...dhcp(names, port),
    ...router(names, port),
  ]
}

/** `tap1234 on compute1`, `all interfaces in qrouter-… on controller`. */
export function nameOfPlace({ device, namespace, node }: Omit<Place, 'name'>): string {
  return `${device === 'any' ? 'all interfaces' : device}${namespace ? ` in ${namespace}` : ''} on ${node}`
}

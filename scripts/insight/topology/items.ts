/** The boxes and lines of the topology's picture, with their text: everything except their positions. */

import { showCount } from '../../terminal/amounts.ts'
import type { Interface, Machine, Topology } from './model.ts'

export interface Item {
  /** `machine/interface`, `machine/namespace/interface` or `machine/domain`. */
  id: string
  kind: 'interface' | 'bridge' | 'tap' | 'endpoint'
  /** Its name is first. */
  lines: string[]
  up: boolean
  /** Everything that is known about it. */
  title: string
}

/** From the side of this host to the side of the instances. */
export interface Line {
  from: string
  to: string
  /** Between machines or into a namespace or instance; a bridge and its port; a VLAN or VXLAN interface and the one below it. */
  kind: 'cable' | 'port' | 'tag'
}

export const isHost = ({ roles }: Machine) => roles.includes('host')

/** The namespace of a router is one box, whichever interface of it is meant. */
export const isRouter = (namespace = '') => namespace.startsWith('qrouter-')

const idOf = (machine: string, name: string, namespace?: string) =>
  [machine, namespace, isRouter(namespace) ? '' : name].filter(Boolean).join('/')

const titleOf = (one: Interface) =>
  `${one.name}: ${one.kind}, ${one.up ? 'up' : 'down'}, MTU ${one.mtu}, ${one.mac}${one.addresses.length ? `, ${one.addresses.join(', ')}` : ''}`

/** For a bridge of Neutron, the name of its network. */
const networkOf = ({ networks }: Topology, { name }: Interface) => networks.find(({ bridge }) => bridge === name)?.name

function kindOf({ kind, name }: Interface): Item['kind'] {
  if (kind === 'bridge') return 'bridge'
  return name.startsWith('tap') ? 'tap' : 'interface'
}

function itemOf(machine: Machine, topology: Topology, one: Interface): Item {
  const network = networkOf(topology, one)
  const words = [
    one.vlan ? `tag ${one.vlan.id}` : one.vxlan ? `VXLAN ${one.vxlan.id}` : one.kind,
    `MTU ${one.mtu}`,
  ].join(', ')
  return {
    id: idOf(machine.name, one.name, one.namespace),
    kind: kindOf(one),
    lines: [one.name, words, network === undefined ? (one.addresses[0] ?? '') : `network ${network}`],
    up: one.up,
    title: [titleOf(one), network === undefined ? '' : `network ${network}`, tunnelOf(one)].filter(Boolean).join('; '),
  }
}

/** Where a VXLAN interface sends to. */
const tunnelOf = ({ vxlan }: Interface) =>
  vxlan ? `over ${vxlan.below} to ${vxlan.peers.join(', ') || 'no other node'}` : ''

function routerItem(machine: Machine, topology: Topology, namespace: string): Item {
  const id = namespace.replace('qrouter-', '')
  const own = machine.interfaces.filter((one) => one.namespace === namespace)
  const floating = (topology.floatingIps ?? []).filter(({ router, fixedAddress }) => router === id && fixedAddress)
  const rules = machine.nat?.find((one) => one.namespace === namespace)?.rules ?? []
  const name = topology.routers?.find((router) => router.id === id)?.name ?? namespace
  return {
    id: idOf(machine.name, '', namespace),
    kind: 'endpoint',
    lines: [
      `router ${name}`,
      own.map(({ addresses }) => addresses[0] ?? '').find(Boolean) ?? 'no address',
      `NAT, ${showCount(floating.length, 'floating IP')}`,
    ],
    up: own.length > 0 && own.every(({ up }) => up),
    title: [
      `namespace ${namespace}, router ${name}`,
      ...own.map(titleOf),
      ...floating.map(({ address, fixedAddress }) => `${address} is ${fixedAddress}`),
      `${rules.length} rules of NAT`,
    ].join('; '),
  }
}

function namespaceItem(machine: Machine, topology: Topology, one: Interface): Item {
  const dnsmasq = machine.dnsmasq.find(({ network }) => one.namespace?.endsWith(network))
  const network = topology.networks.find(({ id }) => one.namespace?.endsWith(id))
  return {
    id: idOf(machine.name, one.name, one.namespace),
    kind: 'endpoint',
    lines: [
      `${one.namespace?.slice(0, 20)}…`,
      one.addresses[0] ?? one.name,
      dnsmasq ? `dnsmasq, pid ${dnsmasq.pid}` : 'no dnsmasq',
    ],
    up: one.up && dnsmasq !== undefined,
    title: `namespace ${one.namespace}, DHCP of network ${network?.name ?? '?'}; ${titleOf(one)}`,
  }
}

function instanceItem(machine: Machine, topology: Topology, instance: Machine['instances'][number]): Item {
  const port = topology.ports.find(({ device }) => device === instance.id)
  const chains = machine.chains.filter((chain) => port?.id.startsWith(chain.port))
  const filters = chains.map(({ chain, what, rules }) => `${chain} (${what}): ${rules.length} rules`)
  return {
    id: idOf(machine.name, instance.domain),
    kind: 'endpoint',
    lines: [instance.name || instance.domain, `${port?.addresses[0] ?? 'no address'}, ${instance.state}`],
    up: instance.state === 'running',
    title: [`${instance.name}: ${instance.domain}, ${instance.id}, ${instance.state}`, ...filters].join('; '),
  }
}

/** Which node interface is at the other end of a host interface: used for the order, so that few links cross. */
function farEnd({ cables, machines }: Topology, { name }: Interface): string {
  const to = cables.find(({ from }) => from.machine === 'host' && from.interface === name)?.to
  return `${to ? machines.findIndex((machine) => machine.name === to.machine) : 99} ${to?.interface}`
}

function ownInterfaces(machine: Machine, topology: Topology): Interface[] {
  const own = machine.interfaces.filter(({ namespace }) => !namespace)
  if (!isHost(machine)) return own
  return own.sort((left, right) => farEnd(topology, left).localeCompare(farEnd(topology, right)))
}

/** What is drawn of one machine. */
export function itemsOf(machine: Machine, topology: Topology): Item[] {
  const own = ownInterfaces(machine, topology)
  return [
    ...own.map((one) => itemOf(machine, topology, one)),
    ...machine.namespaces.filter(isRouter).map((space) => routerItem(machine, topology, space)),
    ...machine.interfaces
      .filter(({ namespace }) => namespace && !isRouter(namespace))
      .map((one) => namespaceItem(machine, topology, one)),
    ...machine.instances.map((instance) => instanceItem(machine, topology, instance)),
  ]
}

/** The lines within one machine. On this host all ports of a bridge lead away from it, on a node the uplink leads to it. */
export function innerLines(machine: Machine, topology: Topology): Line[] {
  const own = (name: string) => idOf(machine.name, name)
  const ports = ownInterfaces(machine, topology).flatMap((one): Line[] => {
    if (!one.master) return []
    const [port, bridge] = [own(one.name), own(one.master)]
    const isOutward = isHost(machine) || kindOf(one) === 'tap'
    return [{ ...(isOutward ? { from: bridge, to: port } : { from: port, to: bridge }), kind: 'port' }]
  })
  const tags = machine.interfaces.flatMap(({ name, vlan, vxlan }): Line[] => {
    const below = (vlan ?? vxlan)?.below
    return below ? [{ from: own(below), to: own(name), kind: 'tag' }] : []
  })
  const instances = machine.instances.flatMap(({ domain, interfaces }) =>
    interfaces.map(({ tap }): Line => ({ from: own(tap), to: own(domain), kind: 'cable' })),
  )
  const inside = topology.cables.filter(({ from, to }) => from.machine === machine.name && to.machine === machine.name)
  return [...ports, ...tags, ...instances, ...inside.map(cableLine)]
}

const cableLine = ({ from, to }: Topology['cables'][number]): Line => ({
  from: idOf(from.machine, from.interface, from.namespace),
  to: idOf(to.machine, to.interface, to.namespace),
  kind: 'cable',
})

/** The lines from one machine to another. */
export const outerLines = ({ cables }: Topology): Line[] =>
  cables.filter(({ from, to }) => from.machine !== to.machine).map(cableLine)

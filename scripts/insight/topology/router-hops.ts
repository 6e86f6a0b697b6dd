/** The hops of a self-service lab: through a router's namespace, and between nodes in VXLAN. */

import { routerNamespace, tapName } from '../../cloud/neutron-names.ts'
import { lookAtUnit } from '../../cloud/where-to-look.ts'
import type { LabNode } from '../../declaration/lab.ts'
import type { Observation } from '../../run/check.ts'
import type { Machine } from './model.ts'
import { bridgeAgent, on, type Passage, shown, type Way } from './way.ts'

const agent = (node: string) => lookAtUnit(node, 'neutron-l3-agent', '/var/log/neutron/neutron-l3-agent.log')

/** From the bridge of the network outside to the bridge of the project network, both on the router's node. */
export function routerHops({ network, port }: Way, router: Passage): Observation[] {
  const { node, outside, inside, floating } = router
  const space = routerNamespace(router.id)
  const [qg, qr] = [`qg-${outside.port.id.slice(0, 11)}`, `qr-${inside.id.slice(0, 11)}`]
  const [near, far] = [on(node, qg, space), on(node, qr, space)]
  const address = floating?.address ?? outside.port.addresses[0] ?? ''
  const rules = node.nat?.find((one) => one.namespace === space)?.rules ?? []
  const rule = rules.find((one) => one.includes(`PREROUTING -d ${floating?.address}/32 -j DNAT `))
  const has = (one: typeof near, wanted: string) =>
    Boolean(one?.up && one.addresses.some((is) => is.startsWith(`${wanted}/`)))
  const wide = network.mtu ?? 0
  return [
    plugHop('router/outside', node, outside.port.id, outside.network.bridge, 0),
    {
      id: 'router/namespace',
      what: `${node.name}: the namespace ${space} of router ${router.name} exists`,
      ok: node.namespaces.includes(space),
      seen: node.namespaces.includes(space) ? 'exists' : `missing; there are: ${node.namespaces.join(' ') || 'none'}`,
      next: agent(node.name),
    },
    {
      id: 'router/address',
      what: `${node.name}: ${qg} in it is up and has ${floating ? 'the floating IP' : 'the address'} ${address}`,
      ok: has(near, address),
      seen: shown(near),
      next: agent(node.name),
    },
    ...(floating
      ? [
          {
            id: 'router/nat',
            what: `${node.name}: NAT in it translates ${floating.address} to ${port.addresses[0]}`,
            ok: Boolean(rule?.endsWith(`--to-destination ${port.addresses[0]}`)),
            seen: rule ?? `no DNAT rule for ${floating.address}`,
            next: `./lab ssh ${node.name} ip netns exec ${space} iptables -t nat -S; ${agent(node.name)}`,
          },
        ]
      : []),
    {
      id: 'router/inside',
      what: `${node.name}: ${qr} in it is up and has ${inside.addresses[0]}`,
      ok: has(far, inside.addresses[0] ?? '') && (far?.mtu ?? 0) >= wide,
      seen: shown(far),
      next: agent(node.name),
    },
    plugHop('router/tap', node, inside.id, network.bridge, wide),
  ]
}

/** The other end of a namespace's interface, on the node itself. */
function plugHop(id: string, node: Machine, port: string, bridge: string, mtu: number): Observation {
  const tap = on(node, tapName(port))
  return {
    id,
    what: `${node.name}: ${tapName(port)}, the router's end outside its namespace, is up and in the bridge ${bridge}`,
    ok: Boolean(tap?.up && tap.master === bridge && tap.mtu >= mtu),
    seen: shown(tap),
    next: bridgeAgent(node.name),
  }
}

/** VXLAN between two nodes, as seen from one of them. */
export function tunnelHops({ network, lab }: Way, id: string, near: Machine, far?: Machine): Observation[] {
  const name = `vxlan-${network.segment}`
  const device = on(near, name)
  const other: LabNode | undefined = lab.nodes.find((one) => one.name === far?.name)
  const peers = device?.vxlan?.peers ?? []
  const plugged: Observation = {
    id: `${id}/vxlan`,
    what: `${near.name}: ${name}, which is carried by eth0, is in the bridge ${network.bridge} of network ${network.name}`,
    ok: Boolean(device?.up && device.master === network.bridge && device.mtu >= (network.mtu ?? 0)),
    seen: shown(device),
    next: bridgeAgent(near.name),
  }
  if (!other) return [plugged]
  return [
    plugged,
    {
      id: `${id}/peer`,
      what: `${near.name}: ${name} sends to ${other.address} (${other.name})`,
      ok: peers.includes(other.address),
      seen: peers.length ? `sends to ${peers.join(' ')}` : 'sends to no other node',
      next: `./lab ssh ${near.name} bridge fdb show dev ${name}; ${bridgeAgent(near.name)}`,
    },
  ]
}

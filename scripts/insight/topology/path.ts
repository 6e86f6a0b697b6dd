/** The path from this host to an instance, hop by hop. The first bad hop is where to look. */

import { tapName } from '../../cloud/neutron-names.ts'
import { lookAtUnit } from '../../cloud/where-to-look.ts'
import { controllerOf } from '../../declaration/lab.ts'
import type { Observation } from '../../run/check.ts'
import { runOnHost } from '../../run/process.ts'
import { scaled, timeouts } from '../../run/timeouts.ts'
import { withGroups } from './closed-group.ts'
import type { Machine } from './model.ts'
import { routerHops, tunnelHops } from './router-hops.ts'
import { bridgeAgent, isBesideHost, on, shown, type Way } from './way.ts'

/** To the instance's node, or to that of its router. */
function hostHops({ lab, topology, host }: Way, node: Machine): Observation[] {
  const { bridge, hostAddress } = lab.networks.provider
  const own = on(host, bridge)
  const cable = topology.cables.find(
    ({ from, to }) => to.machine === node.name && to.interface === 'eth1' && from.machine === 'host',
  )
  const plug = cable && on(host, cable.from.interface)
  return [
    {
      id: 'host/bridge',
      what: `this host: bridge ${bridge} is up and has ${hostAddress}`,
      ok: Boolean(own?.up && own.addresses.some((address) => address.startsWith(`${hostAddress}/`))),
      seen: shown(own),
      next: './lab up',
    },
    {
      id: 'host/cable',
      what: `this host: the link to eth1 of ${node.name} is in this bridge`,
      ok: Boolean(plug?.up && plug.master === bridge),
      seen: shown(plug),
      next: './lab status',
    },
  ]
}

/** On a VLAN network the tagged interface is the bridge's port, and eth1 below it only carries it. */
function nodeHops(node: Machine, network: Way['network'], place = 'node'): Observation[] {
  const eth1 = on(node, 'eth1')
  const tagged =
    network.segment === undefined
      ? undefined
      : node.interfaces.find(({ vlan }) => vlan?.below === 'eth1' && vlan.id === network.segment)
  const uplink = network.segment === undefined ? eth1 : tagged
  const bridge = on(node, network.bridge)
  return [
    {
      id: `${place}/eth1`,
      what: `${node.name}: eth1 is up`,
      ok: Boolean(eth1?.up),
      seen: shown(eth1),
      next: `./lab ssh ${node.name} ip -d link show eth1`,
    },
    {
      id: `${place}/uplink`,
      what: `${node.name}: ${network.segment === undefined ? 'eth1' : `eth1 with tag ${network.segment}`} is in the bridge ${network.bridge} of network ${network.name}`,
      ok: Boolean(uplink?.up && uplink.master === network.bridge),
      seen: shown(uplink),
      next: bridgeAgent(node.name),
    },
    {
      id: `${place}/bridge`,
      what: `${node.name}: bridge ${network.bridge} is up`,
      ok: Boolean(bridge?.up),
      seen: shown(bridge),
      next: `./lab ssh ${node.name} ip -d link show ${network.bridge}`,
    },
  ]
}

/** Whether a rule of the port's chain lets TCP to this port in, from other than the members of a group. */
export function admitsPort(rule: string, port: number): boolean {
  if (!rule.endsWith('-j RETURN') || /--state|--match-set|-p (?!tcp)|--sport/.test(rule)) return false
  const [, ports] = /--dports? (\S+)/.exec(rule) ?? []
  return (ports?.split(',') ?? ['0:65535']).some((range) => {
    const [from = 0, to = from] = range.split(':').map(Number)
    return from <= port && port <= to
  })
}

function instanceHops({ node, instance, port, network }: Way): Observation[] {
  const name = tapName(port.id)
  const tap = on(node, name)
  const chains = node.chains.filter((chain) => port.id.startsWith(chain.port))
  const inward = chains.find(({ what }) => what === 'to the instance')
  const isOpen = Boolean(inward?.rules.some((rule) => /-p icmp .*-j RETURN/.test(rule)))
  const letsSshIn = Boolean(inward?.rules.some((rule) => admitsPort(rule, 22)))
  const rules = chains.map(({ chain, rules: all }) => `${chain}: ${all.length} rules`).join(', ')
  return [
    {
      id: 'instance/tap',
      what: `${node.name}: tap ${name} is up and in the same bridge`,
      ok: Boolean(tap?.up && tap.master === network.bridge),
      seen: shown(tap),
      next: bridgeAgent(node.name),
    },
    {
      id: 'instance/domain',
      what: `${node.name}: domain ${instance.domain} of ${instance.name} is running`,
      ok: instance.state === 'running',
      seen: instance.state,
      next: `./lab openstack server show ${instance.id}`,
    },
    {
      id: 'instance/port',
      what: `Neutron: port ${port.id.slice(0, 11)} is ACTIVE on ${node.name}`,
      ok: port.status === 'ACTIVE' && port.host === node.name,
      seen: `${port.status}, bound to ${port.host || 'no host'}`,
      next: `./lab openstack port show ${port.id}`,
    },
    {
      id: 'instance/filter',
      what: `${node.name}: the port's filter allows ping`,
      ok: isOpen,
      data: { ping: isOpen, ssh: letsSshIn },
      seen: inward
        ? `${isOpen ? '' : 'no rule lets ICMP in; '}ssh (tcp/22) is ${letsSshIn ? 'allowed' : 'not allowed'}; ${rules}`
        : 'no chain for this port',
      next: `./lab openstack port show ${port.id} -c security_group_ids; ./lab up`,
    },
  ]
}

async function pingHop({ lab, instance, host }: Way, address: string, size?: number): Promise<Observation> {
  const seconds = scaled(lab, timeouts.verify.echo)
  const whole = size === undefined ? [] : ['-M', 'do', '-s', String(size - 28)]
  const { stdout } = await runOnHost('ping', ['-n', '-c', '1', '-W', String(seconds), ...whole, address], {
    step: `ping ${address}`,
    timeoutSeconds: seconds + 3,
    allow: [0, 1, 2],
  })
  const time = /time=([\d.]+ ms)/.exec(stdout)?.[1]
  return {
    id: size === undefined ? 'ping' : 'ping/whole',
    what:
      size === undefined
        ? `${instance.name} answers ping at ${address}`
        : `${instance.name} answers an unfragmented ping of ${size} bytes`,
    ok: Boolean(time),
    seen: time
      ? `in ${time}`
      : (stdout
          .trim()
          .split('\n')
          .find((line) => /error|unreachable|too long/i.test(line)) ?? `no answer from ${host.name}`),
    next: `./lab openstack console log show ${instance.id}; ${lookAtUnit(controllerOf(lab).name, 'neutron-dhcp-agent', '/var/log/neutron/neutron-dhcp-agent.log')}`,
  }
}

/** What can be read without sending anything, in the order of the path. */
export function wiredHops(way: Way): Observation[] {
  const { lab, network, node, router } = way
  if (isBesideHost(lab, network)) return [...hostHops(way, node), ...nodeHops(node, network), ...instanceHops(way)]
  const inNode = (at: Machine, place: string, to?: Machine) =>
    network.type === 'vxlan' ? tunnelHops(way, place, at, to) : nodeHops(at, network, place)
  if (!router) return [...inNode(node, 'node'), ...instanceHops(way)]
  const between =
    router.node === node ? [] : [...inNode(router.node, 'tunnel', node), ...inNode(node, 'node', router.node)]
  return [
    ...hostHops(way, router.node),
    ...nodeHops(router.node, router.outside.network, 'outside'),
    ...routerHops(way, router),
    ...between,
    ...instanceHops(way),
  ]
}

/** A network in which this host has no address, and no floating IP leads into, is followed as far as its wires go. */
export async function walkPath(way: Way): Promise<Observation[]> {
  const wires = wiredHops(way)
  const { network, lab, port, router, host } = way
  const address = isBesideHost(lab, network) ? (port.addresses[0] ?? '') : router?.floating?.address
  if (address === undefined) return withGroups(lab, port.id, wires)
  const reached = await pingHop(way, address)
  const mtu = Math.min(
    network.mtu ?? Number.POSITIVE_INFINITY,
    ...host.interfaces.filter(({ name }) => name === lab.networks.provider.bridge).map((one) => one.mtu),
  )
  const whole = reached.ok && Number.isFinite(mtu) ? [await pingHop(way, address, mtu)] : []
  return withGroups(lab, port.id, [...wires, reached, ...whole])
}

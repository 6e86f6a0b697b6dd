/** The path from this host to an instance, hop by hop. The first bad hop is where to look. */

import { lookAtUnit } from '../../cloud/where-to-look.ts'
import { LabError } from '../../declaration/errors.ts'
import { controllerOf, type Lab } from '../../declaration/lab.ts'
import type { Observation } from '../../run/check.ts'
import { runOnHost } from '../../run/process.ts'
import { scaled, timeouts } from '../../run/timeouts.ts'
import type { Instance, Interface, Machine, Topology } from './model.ts'
import { tapOf } from './read.ts'

type Port = Topology['ports'][number]
type Network = Topology['networks'][number]

interface Way {
  lab: Lab
  topology: Topology
  host: Machine
  node: Machine
  instance: Instance
  port: Port
  network: Network
}

const shown = (one: Interface | undefined) =>
  one
    ? `${one.name} ${one.up ? 'up' : 'DOWN'}${one.master ? `, in ${one.master}` : ''}, MTU ${one.mtu}${one.addresses.length ? `, ${one.addresses.join(' ')}` : ''}`
    : 'missing'

const on = (machine: Machine, name: string) => machine.interfaces.find((one) => one.name === name && !one.namespace)

const agent = (node: string) =>
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
  if (found && port && network) return { lab, topology, host: topology.machines[0]!, ...found, port, network }
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

function hostHops({ lab, topology, host, node }: Way): Observation[] {
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
function nodeHops({ node, network }: Way): Observation[] {
  const eth1 = on(node, 'eth1')
  const tagged =
    network.segment === undefined
      ? undefined
      : node.interfaces.find(({ vlan }) => vlan?.below === 'eth1' && vlan.id === network.segment)
  const uplink = network.segment === undefined ? eth1 : tagged
  const bridge = on(node, network.bridge)
  return [
    {
      id: 'node/eth1',
      what: `${node.name}: eth1 is up`,
      ok: Boolean(eth1?.up),
      seen: shown(eth1),
      next: `./lab ssh ${node.name} ip -d link show eth1`,
    },
    {
      id: 'node/uplink',
      what: `${node.name}: ${network.segment === undefined ? 'eth1' : `eth1 with tag ${network.segment}`} is in the bridge ${network.bridge} of network ${network.name}`,
      ok: Boolean(uplink?.up && uplink.master === network.bridge),
      seen: shown(uplink),
      next: agent(node.name),
    },
    {
      id: 'node/bridge',
      what: `${node.name}: bridge ${network.bridge} is up`,
      ok: Boolean(bridge?.up),
      seen: shown(bridge),
      next: `./lab ssh ${node.name} ip -d link show ${network.bridge}`,
    },
  ]
}

function instanceHops({ node, instance, port, network }: Way): Observation[] {
  const name = tapOf(port.id)
  const tap = on(node, name)
  const chains = node.chains.filter((chain) => port.id.startsWith(chain.port))
  const inward = chains.find(({ what }) => what === 'to the instance')
  return [
    {
      id: 'instance/tap',
      what: `${node.name}: tap ${name} is up and in the same bridge`,
      ok: Boolean(tap?.up && tap.master === network.bridge),
      seen: shown(tap),
      next: agent(node.name),
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
      ok: Boolean(inward?.rules.some((rule) => /-p icmp .*-j RETURN/.test(rule))),
      seen: inward
        ? `${chains.map(({ chain, rules }) => `${chain}: ${rules.length} rules`).join(', ')}`
        : 'no chain for this port',
      next: `./lab openstack port show ${port.id} -c security_group_ids; ./lab up`,
    },
  ]
}

async function pingHop({ lab, instance, port, host }: Way, size?: number): Promise<Observation> {
  const address = port.addresses[0] ?? ''
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
export const wiredHops = (way: Way): Observation[] => [...hostHops(way), ...nodeHops(way), ...instanceHops(way)]

/** A network in which this host has no address is followed only as far as its wires go. */
export async function walkPath(way: Way): Promise<Observation[]> {
  const wires = wiredHops(way)
  const { network, lab } = way
  if (network.type !== 'flat' && !lab.networks.vlan) return wires
  const reached = await pingHop(way)
  const mtu = Math.min(
    ...way.host.interfaces.filter(({ name }) => name === lab.networks.provider.bridge).map((one) => one.mtu),
  )
  return [...wires, reached, ...(reached.ok && Number.isFinite(mtu) ? [await pingHop(way, mtu)] : [])]
}

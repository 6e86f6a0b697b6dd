/** Reads the topology of a running lab: one script on each node, the host's own interfaces, and Neutron's names. */

import { isIPv6 } from 'node:net'
import { type CloudClient, openCloud } from '../../cloud/client.ts'
import { bridgeName } from '../../cloud/neutron-names.ts'
import { isSelfService, type Lab, type LabNode } from '../../declaration/lab.ts'
import { loadSecrets } from '../../declaration/secrets.ts'
import { describeInstances } from '../../libvirt/node-virsh.ts'
import { runOnHost } from '../../run/process.ts'
import { sshHost } from '../../run/ssh.ts'
import { scaled, timeouts } from '../../run/timeouts.ts'
import type { Cable, Interface, Machine, Names, Topology } from './model.ts'
import { parseInterfaces, parseMachine } from './parse.ts'

/** Only reads. What a node does not have (such as libvirt on the controller) gives no block. */
export const wiringScript = `
echo '@@ interfaces'; ip -j -d addr
for space in $(ip netns list | cut -d' ' -f1); do
  echo "@@ namespace $space"; ip -n "$space" -j -d addr
  case $space in qrouter-*) echo "@@ nat $space"; ip netns exec "$space" iptables-save -t nat ;; esac
done
echo '@@ fdb'; bridge fdb show | grep -E ' dev vxlan-' || true
echo '@@ dnsmasq'; pgrep -a dnsmasq || true
echo '@@ iptables'; iptables-save 2>/dev/null || true
if systemctl is-active -q libvirtd; then
  ${describeInstances}
fi
`

interface NeutronPort {
  id: string
  network_id: string
  device_id: string
  device_owner: string
  mac_address: string
  fixed_ips: { ip_address: string }[]
  status: string
  'binding:host_id': string
}

interface NeutronNetwork {
  id: string
  name: string
  'provider:network_type': string
  'provider:segmentation_id': number | null
  mtu: number
}

interface NeutronFloatingIp {
  floating_ip_address: string
  fixed_ip_address: string | null
  port_id: string | null
  router_id: string | null
  status: string
}

/** Only a self-service lab has them. */
async function readRouters(cloud: CloudClient): Promise<Pick<Names, 'routers' | 'floatingIps'>> {
  const [{ routers }, { floatingips }] = await Promise.all([
    cloud.get<{ routers: { id: string; name: string }[] }>('network', '/v2.0/routers'),
    cloud.get<{ floatingips: NeutronFloatingIp[] }>('network', '/v2.0/floatingips'),
  ])
  return {
    routers: routers.map(({ id, name }) => ({ id, name })),
    floatingIps: floatingips.map((one) => ({
      address: one.floating_ip_address,
      fixedAddress: one.fixed_ip_address ?? '',
      port: one.port_id ?? '',
      router: one.router_id ?? '',
      status: one.status,
    })),
  }
}

export async function readNames(cloud: CloudClient, lab: Lab): Promise<Names> {
  const selfService = isSelfService(lab)
  const [routing, { networks }, { ports }] = await Promise.all([
    selfService ? readRouters(cloud) : {},
    cloud.get<{ networks: NeutronNetwork[] }>('network', '/v2.0/networks'),
    cloud.get<{ ports: NeutronPort[] }>('network', '/v2.0/ports'),
  ])
  return {
    ...routing,
    networks: networks.map((network) => ({
      id: network.id,
      name: network.name,
      type: network['provider:network_type'],
      ...(network['provider:segmentation_id'] ? { segment: network['provider:segmentation_id'] } : {}),
      bridge: bridgeName(network.id),
      ...(selfService ? { mtu: network.mtu } : {}),
    })),
    ports: ports.map((port) => ({
      id: port.id,
      network: port.network_id,
      device: port.device_id,
      owner: port.device_owner,
      mac: port.mac_address,
      // IPv4 first: by that an instance is reached.
      addresses: port.fixed_ips
        .map(({ ip_address }) => ip_address)
        .sort((left, right) => Number(isIPv6(left)) - Number(isIPv6(right))),
      status: port.status,
      host: port['binding:host_id'],
    })),
  }
}

/** The host's side consists only of the lab's two bridges and what is connected to them. */
async function readHost(lab: Lab): Promise<Machine> {
  const { stdout } = await runOnHost('ip', ['-j', '-d', 'addr'], {
    step: 'read the interfaces of this host',
    timeoutSeconds: timeouts.machine.look.seconds,
  })
  const bridges = [lab.networks.management.bridge, lab.networks.provider.bridge]
  const own = ({ name, master, vlan }: Interface) =>
    bridges.includes(name) || bridges.includes(master ?? '') || bridges.includes(vlan?.below ?? '')
  return {
    name: 'host',
    roles: ['host'],
    interfaces: parseInterfaces(stdout).filter(own),
    namespaces: [],
    dnsmasq: [],
    instances: [],
    chains: [],
  }
}

/** The host's end of a VM's tap has the guest's MAC with another first byte; libvirt sets it. */
const sameTail = (left: string, right: string) => left.slice(3).toLowerCase() === right.slice(3).toLowerCase()

const end = (machine: Machine, { name, namespace }: Interface) => ({
  machine: machine.name,
  interface: name,
  ...(namespace ? { namespace } : {}),
})

/** Which interfaces are connected: the host's with the nodes', and those between a node and its namespaces. */
export function findCables([host, ...nodes]: readonly Machine[]): Cable[] {
  if (!host) return []
  const toNodes = host.interfaces.flatMap((near) =>
    nodes.flatMap((node) =>
      node.interfaces.flatMap((far): Cable[] => {
        const isVeth =
          near.peerIndex === far.index && far.peerIndex === near.index && near.kind === 'veth' && !far.namespace
        const isTap = near.kind === 'tun' && far.kind === 'physical' && !far.namespace && sameTail(near.mac, far.mac)
        return isVeth || isTap ? [{ from: end(host, near), to: end(node, far), kind: isVeth ? 'veth' : 'tap' }] : []
      }),
    ),
  )
  const inside = nodes.flatMap((node) =>
    node.interfaces.flatMap((near) =>
      node.interfaces.flatMap((far): Cable[] => {
        const pair = !near.namespace && far.namespace && near.peerIndex === far.index && far.peerIndex === near.index
        return pair ? [{ from: end(node, near), to: end(node, far), kind: 'veth' }] : []
      }),
    ),
  )
  return [...toNodes, ...inside]
}

/** What is read where Neutron, or a node, does not answer. */
const noNames: Awaited<ReturnType<typeof readNames>> = { networks: [], ports: [] }

/**
 * Reads everything in parallel. Throws ConnectError or NotReadyError if a node or Neutron does not answer; with
 * `onSilent`, that is called instead, and what did not answer is empty.
 */
export async function readTopology(
  lab: Lab,
  { onSilent }: { onSilent?: (part: string, error: unknown) => void } = {},
): Promise<Topology> {
  const orElse = <T>(part: string, nothing: T, reading: Promise<T>) =>
    onSilent
      ? reading.catch((error: unknown) => {
          onSilent(part, error)
          return nothing
        })
      : reading
  const cloud = openCloud(lab, loadSecrets(lab.root))
  const [names, ...machines] = await Promise.all([
    orElse(
      'Neutron',
      noNames,
      cloud.then((client) => readNames(client, lab)),
    ),
    readHost(lab),
    ...lab.nodes.map((node) => orElse(node.name, parseMachine(node.name, node.roles, ''), readNode(lab, node))),
  ])
  const { id, name, hypervisor } = lab
  return { lab: { id, name, hypervisor }, machines, cables: findCables(machines), ...names }
}

async function readNode(lab: Lab, node: LabNode): Promise<Machine> {
  const output = await sshHost(lab, node).run(wiringScript, {
    step: 'read the wiring',
    timeoutSeconds: scaled(lab, timeouts.nodes.work),
  })
  return parseMachine(node.name, node.roles, output)
}

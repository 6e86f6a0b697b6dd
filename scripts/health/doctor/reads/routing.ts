/** Routers, floating IPs and tunnels of a self-service lab: as Neutron knows them, and as the nodes have them. */

import type { Agent } from '../../checks/agents.ts'
import type { Answer, CloudRead, ShellRead } from '../rule.ts'
import { type Link, parseLinks } from './links.ts'

export interface Router {
  id: string
  name: string
  admin_state_up: boolean
}

/** An L3 agent, with the ids of the routers that it has been given. */
export interface RoutingAgent extends Agent {
  routers: string[]
}

export interface FloatingIp {
  floating_ip_address: string
  /** Absent while it belongs to no port. */
  fixed_ip_address: string | null
  router_id: string | null
  status: string
}

export interface Routing {
  routers: Router[]
  agents: RoutingAgent[]
  floatingIps: FloatingIp[]
}

export const routing: CloudRead<Routing> = {
  async ask(cloud) {
    const list = <Key extends string, One>(key: Key, path: string) =>
      cloud.get<Record<Key, One[]>>('network', `/v2.0/${path}`).then((answer) => answer[key])
    const [routers, floatingIps, agents] = await Promise.all([
      list<'routers', Router>('routers', 'routers'),
      list<'floatingips', FloatingIp>('floatingips', 'floatingips'),
      list<'agents', Agent>('agents', 'agents?agent_type=L3%20agent'),
    ])
    const given = agents.map(async (agent) => ({
      ...agent,
      routers: (await list<'routers', Router>('routers', `agents/${agent.id}/l3-routers`)).map(({ id }) => id),
    }))
    return { routers, floatingIps, agents: await Promise.all(given) }
  },
}

/** Each namespace of Neutron with its interfaces, and a router's translation of addresses. */
export const namespaces: ShellRead = {
  on: 'controller',
  script: () => `
for space in $(ip netns list | awk '/^q(router|dhcp)-/ {print $1}'); do
  echo "links $space $(ip -n $space -j -d address show)"
  case $space in qrouter-*) ip netns exec $space iptables-save -t nat | sed -n "s/^-A/nat $space -A/p" ;; esac
done
echo read`,
}

/** In which order it was printed does not matter. */
export function parseNamespaces({ at, text }: Answer): {
  links: ReadonlyMap<string, Link[]>
  nat: Map<string, string[]>
} {
  const links = [...text.matchAll(/^links (\S+) (.*)$/gm)].map(
    ([, space = '', json = '']) => [space, parseLinks([{ at, text: json }])] as const,
  )
  const nat = new Map<string, string[]>()
  for (const [, space = '', rule = ''] of text.matchAll(/^nat (\S+) (.*)$/gm)) {
    nat.set(space, [...(nat.get(space) ?? []), rule])
  }
  return { links: new Map(links), nat }
}

/** Where a node's VXLAN interfaces send to: `dev vxlan-12 dst 10.0.0.31`, after the address that is sent there. */
export const tunnels: ShellRead = {
  on: 'all',
  script: () => "bridge fdb show | grep -E ' dev vxlan-[0-9]+ ' || true; echo read",
}

export const vxlanName = (segment: number) => `vxlan-${segment}`

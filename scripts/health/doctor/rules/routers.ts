/** Routers and floating IPs: whether an agent has each router, its namespace exists, and its addresses are translated. */

import type { CloudClient } from '../../../cloud/client.ts'
import { routerNamespace, tapName } from '../../../cloud/neutron-names.ts'
import { isSelfService } from '../../../declaration/lab.ts'
import { nameObject, type Port, ports } from '../reads/cloud.ts'
import { namespaces, parseNamespaces, type Router, routing } from '../reads/routing.ts'
import { rule } from '../rule.ts'

/** Neutron's names for a router's interfaces, by the owner of the port. */
const prefixes: Readonly<Record<string, string>> = {
  'network:router_interface': 'qr-',
  'network:router_gateway': 'qg-',
}

const portsOf = ({ id }: Router, all: readonly Port[]) =>
  all.filter(({ device_id, device_owner }) => device_id === id && device_owner in prefixes)

const agent = 'neutron-l3-agent'

export const routerUnhosted = rule({
  symptom: 'a router exists and is ACTIVE, but nothing passes through it and no floating IP on it answers',
  cause:
    'no L3 agent has been given the router, so no node has it; somebody removed it from its agent, or no agent was alive when it was created',
  remedy: 'give it to an L3 agent that is alive',
  service: 'neutron',
  when: isSelfService,
  reads: { routing, ports },
  judge: ({ routing: { routers, agents }, ports: all }, { own }) =>
    routers
      .filter((router) => router.admin_state_up && portsOf(router, all).length > 0)
      .filter(({ id }) => !agents.some((one) => one.routers.includes(id)))
      .map((router) => {
        const willing = agents.find(({ alive, admin_state_up }) => alive && admin_state_up)
        const give = (cloud: CloudClient) =>
          cloud.post('network', `/v2.0/agents/${willing?.id}/l3-routers`, { body: { router_id: router.id } })
        return {
          about: nameObject(router, own),
          evidence: [
            `no L3 agent has router ${router.id}; L3 agents that are alive: ${willing ? willing.host : 'none'}`,
          ],
          next: willing
            ? `./lab openstack network agent add router --l3 ${willing.id} ${router.id}`
            : './lab openstack network agent list --agent-type l3',
          ...(willing ? { fix: { cloud: give } } : {}),
        }
      }),
})

/**
 * A namespace that is deleted by hand lives on without a name while its metadata proxy runs in it, and its interfaces with
 * it: the agent could not create them again beside these.
 */
const recreate = (router: string, taps: readonly string[]) => `# removes what is left of it, restarts ${agent}
pid=/var/lib/neutron/external/pids/${router}.pid.haproxy
[ ! -s $pid ] || kill "$(cat $pid)" 2>/dev/null || true
for tap in ${taps.join(' ')}; do ip link delete $tap 2>/dev/null || true; done
systemctl restart ${agent}`

export const routerMissing = rule({
  symptom: 'nothing passes through a router, although its L3 agent is alive',
  cause:
    "the router's namespace on its node, or an interface in it, is missing or down; the agent does not look again by itself",
  remedy: 'restart the L3 agent: it creates them again; connections through its other routers continue',
  service: 'neutron',
  when: isSelfService,
  reads: { routing, ports, namespaces },
  judge: ({ routing: { routers, agents }, ports: all, namespaces: [answer] }, { own }) => {
    if (!answer) return []
    const { links } = parseNamespaces(answer)
    const here = agents.filter(({ host }) => host === answer.at).flatMap((one) => one.routers)
    return routers
      .filter(({ id, admin_state_up }) => admin_state_up && here.includes(id))
      .flatMap((router) => {
        const [space, mine] = [routerNamespace(router.id), portsOf(router, all)]
        const present = links.get(space)
        const missing = present
          ? mine
              .map((port) => `${prefixes[port.device_owner]}${port.id.slice(0, 11)}`)
              .filter((name) => !present.some((link) => link.name === name && link.up))
              .map((name) => `${name}, up, in ${space}`)
          : [`the namespace ${space}`]
        if (mine.length === 0 || missing.length === 0) return []
        const script = present
          ? `systemctl restart ${agent}`
          : recreate(
              router.id,
              mine.map(({ id }) => tapName(id)),
            )
        return [
          {
            about: nameObject(router, own),
            evidence: [`${answer.at}: missing: ${missing.join('; ')}`],
            next: `./lab ssh ${answer.at} systemctl restart ${agent}`,
            fix: { node: answer.at, script },
          },
        ]
      })
  },
})

export const natMissing = rule({
  symptom: 'an instance cannot be reached by its floating IP, although its router works',
  cause:
    "the rules that translate the floating IP are not in the router's namespace: somebody changed its iptables, or the L3 agent failed on the way",
  remedy: 'restart the L3 agent: it writes the rules of all its routers again',
  service: 'neutron',
  when: isSelfService,
  reads: { routing, namespaces },
  judge: ({ routing: { routers, floatingIps }, namespaces: [answer] }, { own }) => {
    if (!answer) return []
    const { links, nat } = parseNamespaces(answer)
    return routers.flatMap((router) => {
      const space = routerNamespace(router.id)
      if (!links.has(space)) return []
      const missing = floatingIps
        // The agent sets another status once it has written them.
        .filter(
          ({ router_id, fixed_ip_address, status }) => router_id === router.id && fixed_ip_address && status !== 'DOWN',
        )
        .flatMap(({ floating_ip_address: outside, fixed_ip_address: inside }) => {
          const has = (from: string, to: string) =>
            nat.get(space)?.some((one) => one.includes(`${from}/32 `) && one.includes(to))
          return [
            ...(has(`PREROUTING -d ${outside}`, `--to-destination ${inside}`) ? [] : [`DNAT ${outside} to ${inside}`]),
            ...(has(`-s ${inside}`, `--to-source ${outside}`) ? [] : [`SNAT ${inside} to ${outside}`]),
          ]
        })
      if (missing.length === 0) return []
      return [
        {
          about: nameObject(router, own),
          evidence: [`${answer.at}: ip netns exec ${space} iptables-save -t nat: missing: ${missing.join(', ')}`],
          next: `./lab ssh ${answer.at} systemctl restart ${agent}`,
          fix: { node: answer.at, script: `systemctl restart ${agent}` },
        },
      ]
    })
  },
})

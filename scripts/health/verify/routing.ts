/** What a self-service lab's project network does: through VXLAN, behind its router, apart from another of its addresses. */

import { dhcpNamespace, routerNamespace } from '../../cloud/neutron-names.ts'
import { testServers } from '../../cloud/test-servers.ts'
import { lookAtUnit } from '../../cloud/where-to-look.ts'
import { controllerOf, isSelfService, type Lab } from '../../declaration/lab.ts'
import { notTried, type Observation } from '../../run/check.ts'
import { runOnHost } from '../../run/process.ts'
import { sshHost } from '../../run/ssh.ts'
import { scaled, timeouts } from '../../run/timeouts.ts'
import { readState } from '../../terraform/state.ts'
import type { LabCheck } from '../check.ts'
import { addressOf, ownAddressOf, watchServer } from './instance.ts'

/** The networks are asked from the namespaces of their DHCP, which are on the controller; the instance is on a compute node. */
export interface Routing {
  network: string
  other: string
  router: string
  mtu: number
  /** Of the instance: its own address, and the floating one. */
  fixed: string
  floating: string
}

/** The answer of each question, as both scripts print it: `overlay yes`, `seen-as 203.0.113.115`. */
export type Answers = Readonly<Record<string, string>>

export function parseAnswers(output: string): Answers {
  return Object.fromEntries(
    output
      .trim()
      .split('\n')
      .map((line) => [line.split(' ')[0]!, line.split(' ').slice(1).join(' ')]),
  )
}

const lineOf = {
  overlay: { id: 'routing/overlay', what: 'the project network reaches its instance through VXLAN' },
  separate: { id: 'routing/separate', what: 'networks with the same addresses are separate' },
  snat: { id: 'routing/snat', what: 'the router hides the project network behind its own address' },
  mtu: { id: 'routing/mtu', what: 'the MTU of the project network holds on the way through its router' },
}

export function judgeRouting(lab: Lab, { fixed, floating, mtu }: Routing, answers: Answers): Observation[] {
  const { name } = controllerOf(lab)
  const atAgent = (agent: string) => lookAtUnit(name, agent, `/var/log/neutron/${agent}.log`)
  const overlay = {
    ...lineOf.overlay,
    ok: answers['overlay'] === 'yes',
    seen: `${fixed} ${answers['overlay'] === 'yes' ? 'answers' : 'does not answer'} on the controller`,
    next: atAgent('neutron-linuxbridge-agent'),
  }
  const separate = {
    ...lineOf.separate,
    ok: answers['separate'] === 'no',
    seen: `${fixed} ${answers['separate'] === 'no' ? 'does not answer' : 'answers'} on the other network`,
    next: './lab openstack network list --long',
  }
  const seenAs = answers['seen-as'] ?? ''
  const host = lab.networks.provider.hostAddress
  const snat = {
    ...lineOf.snat,
    ok: seenAs !== '' && seenAs !== answers['source'],
    seen: seenAs ? `${host} sees ${answers['source']} as ${seenAs}` : `${host} does not answer through the router`,
    next: atAgent('neutron-l3-agent'),
  }
  const [whole, over] = [answers['whole'] === 'yes', answers['over'] === 'yes']
  const passes = (bytes: number, yes: boolean) => `${bytes} bytes ${yes ? 'pass' : 'do not pass'}`
  const largest = {
    ...lineOf.mtu,
    ok: whole && !over,
    seen: `to ${floating}, unfragmented: ${passes(mtu, whole)}, ${passes(mtu + 1, over)}`,
    data: { mtu },
    next: './lab doctor',
  }
  // Silence from the other network says something only where there is an answer to be heard.
  return [overlay, overlay.ok ? separate : notTried(lineOf.separate, overlay), snat, largest]
}

const ask = (seconds: number) => `
ask() { local name=$1; shift; if "$@" -n -c 2 -i 0.3 -W ${seconds} >/dev/null 2>&1; then echo "$name yes"; else echo "$name no"; fi; }`

/** Whom the outside sees is read from the router's own connection tracking: of the reply, the destination. */
const insideScript = (lab: Lab, { network, other, router, fixed }: Routing, seconds: number) => {
  const host = lab.networks.provider.hostAddress
  return `${ask(seconds)}
ask overlay ip netns exec ${dhcpNamespace(network)} ping ${fixed}
ask separate ip netns exec ${dhcpNamespace(other)} ping ${fixed}
source=$(ip -n ${dhcpNamespace(network)} -4 -o addr show scope global | awk '$4 !~ /^169[.]254[.]/ {sub("/.*", "", $4); print $4; exit}')
echo "source $source"
ip netns exec ${dhcpNamespace(network)} ping -n -c 1 -W ${seconds} ${host} >/dev/null 2>&1 &&
  echo "seen-as $(ip netns exec ${routerNamespace(router)} conntrack -L -p icmp -s "$source" -d ${host} 2>/dev/null | sed -nE 's/.*dst=([0-9.]+) type=0.*/\\1/p' | tail -n 1)" || true`
}

/** An IP packet of the whole MTU carries 28 bytes less: its own header and that of ICMP. */
const outsideScript = ({ floating, mtu }: Routing, seconds: number) => `${ask(seconds)}
ask whole ping -M do -s ${mtu - 28} ${floating}
ask over ping -M do -s ${mtu - 27} ${floating}`

/** From Terraform's state, which knows the lab's own from a user's of the same name. */
function ownRouting(lab: Lab): Omit<Routing, 'fixed' | 'floating'> | undefined {
  const state = readState(lab, 'cloud')
  const at = (address: string) => state.find((one) => one.address === `openstack_networking_${address}`)?.attributes
  const [network, other] = [at('network_v2.project_network'), at('network_v2.other_network')]
  const router = at('router_v2.router')
  if (!network || !other || !router) return undefined
  const id = (attributes: Record<string, unknown>) => String(attributes['id'])
  return { network: id(network), other: id(other), router: id(router), mtu: Number(network['mtu']) }
}

export const routingCheck: LabCheck = {
  id: 'routing',
  what: () => 'project network and router',
  timeoutSeconds: timeouts.verify.others.seconds,
  when: isSelfService,
  async observe(watch) {
    const { lab } = watch
    const { name } = testServers(lab).find(({ network }) => network === 'project')!
    const [own, server] = [ownRouting(lab), await watchServer(watch, name)]
    const missing = own ? `no instance ${name}` : 'no project network and router in the state'
    if (!own || !server) {
      return [{ id: 'routing', what: 'project network and router', ok: false, seen: missing, next: './lab up' }]
    }
    const routing = { ...own, fixed: ownAddressOf(server), floating: addressOf(server) }
    const seconds = scaled(lab, timeouts.verify.echo)
    const step = 'ask on the project network'
    const [inside, outside] = await Promise.all([
      sshHost(lab, controllerOf(lab)).run(insideScript(lab, routing, seconds), { step }),
      runOnHost('bash', ['-s'], {
        step: `ping ${routing.floating}`,
        input: outsideScript(routing, seconds),
        timeoutSeconds: timeouts.machine.inventory.seconds,
      }),
    ])
    return judgeRouting(lab, routing, parseAnswers(`${inside}\n${outside.stdout}`))
  },
}

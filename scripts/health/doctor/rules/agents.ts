/** Neutron's agents: what they say of themselves, and what their configuration makes of a node's interfaces. */

import { controllerOf } from '../../../declaration/lab.ts'
import { physicalNetwork, providerInterface } from '../../../declaration/provider-network.ts'
import { agentUnits, lookAtAgent, wantedAgents } from '../../checks/agents.ts'
import { agents } from '../reads/cloud.ts'
import { nodeLinks, parseLinks } from '../reads/links.ts'
import { rule, type ShellRead } from '../rule.ts'

export const agentDead = rule({
  symptom: 'ports cannot be bound (`binding failed`), or instances get no lease',
  cause: 'the agent on this node is running, but its reports do not reach Neutron, or it hangs',
  remedy: 'look at its log; if it hangs, restart it',
  service: 'neutron',
  reads: { agents },
  judge: ({ agents: all }, { lab }) =>
    wantedAgents(lab, all)
      .filter(({ listed }) => !listed?.alive)
      .map(({ node, type, unit, listed }) => ({
        about: `${node}/${type}`,
        evidence: [
          listed
            ? `${type} on ${node}: alive: no, last heartbeat at ${listed.heartbeat_timestamp}`
            : `no ${type} on ${node} is registered`,
        ],
        next: lookAtAgent({ node, unit }),
        fix: { node, script: `systemctl restart ${unit}` },
      })),
})

export const agentDisabled = rule({
  symptom: 'new networks get no DHCP, new ports are refused, though the agents are alive',
  cause: 'someone has disabled the agent in Neutron (admin_state_up is false)',
  remedy: 'enable it again if this was not intended',
  service: 'neutron',
  reads: { agents },
  judge: ({ agents: all }) =>
    all
      .filter(({ admin_state_up }) => !admin_state_up)
      .map(({ id, agent_type, host }) => ({
        about: `${host}/${agent_type}`,
        evidence: [`${agent_type} on ${host}: admin_state_up: false`],
        next: `./lab openstack network agent set --enable ${id}`,
        explains: ['dhcp-missing'],
      })),
})

const settings: ShellRead = {
  on: 'all',
  script: () => `
value() { awk -v section="[$2]" -v key="$3" '
  /^\\[/ {here = ($1 == section)}
  here && $0 ~ "^[[:space:]]*" key "[[:space:]]*=" {sub("^[^=]*=[[:space:]]*", ""); found = $0}
  END {print found}' "$1"; }
[ -r /etc/neutron/neutron.conf ] || exit 0
echo "flag $(value /etc/neutron/neutron.conf experimental linuxbridge)"
file=/etc/neutron/plugins/ml2/linuxbridge_agent.ini
[ -r $file ] && echo "mapping $(value $file linux_bridge physical_interface_mappings)"`,
}

export const linuxbridgeFlag = rule({
  symptom: "Neutron's server or Linuxbridge agent exits at once: `Linuxbridge is experimental`",
  cause:
    'since OpenStack Zed the driver works only with `[experimental] linuxbridge = true` in neutron.conf; 2025.1 removed it',
  remedy: 'set it, and stay on Zed',
  service: 'neutron',
  reads: { settings },
  judge: ({ settings: answers }, { lab }) =>
    answers.flatMap(({ at, text }) => {
      const flag = /^flag (.*)$/m.exec(text)?.[1]
      if (flag === undefined || /^(true|1|yes|on)$/i.test(flag)) return []
      const server =
        at === controllerOf(lab).name ? ['neutron-api', 'neutron-rpc-server', ...Object.values(agentUnits)] : []
      return [
        {
          about: at,
          evidence: [`${at}: /etc/neutron/neutron.conf: [experimental] linuxbridge = ${flag || '(not set)'}`],
          next: 'npx tsx scripts/provision.ts neutron',
          fix: { service: 'neutron' as const },
          explains: [
            ...['neutron-linuxbridge-agent', ...server].flatMap((unit) => [
              `unit-down ${at}/${unit}`,
              `api-silent ${at}/${unit}`,
            ]),
            `agent-dead ${at}/Linux bridge agent`,
            ...(server.length ? ['agent-dead'] : []),
          ],
        },
      ]
    }),
})

/** `physnet:nic` of each node's agent, beside the interfaces that are there. */
function mappingsOf(answers: readonly { at: string; text: string }[]) {
  return answers.flatMap(({ at, text }) =>
    (/^mapping (.+)$/m.exec(text)?.[1] ?? '')
      .split(',')
      .filter(Boolean)
      .map((pair) => {
        const [network = '', nic = ''] = pair.trim().split(':')
        return { at, pair: pair.trim(), network, nic }
      }),
  )
}

const mappingFile = '/etc/neutron/plugins/ml2/linuxbridge_agent.ini'
const mappingFound = (at: string, evidence: string) => ({
  about: at,
  evidence: [evidence],
  next: 'npx tsx scripts/provision.ts neutron',
  fix: { service: 'neutron' as const },
  explains: [`unit-down ${at}/neutron-linuxbridge-agent`, `agent-dead ${at}/Linux bridge agent`],
})

export const nicMapping = rule({
  symptom:
    'ports report `binding failed` and instances end in ERROR; or the agent exits at once: `Interface … does not exist`',
  cause:
    "the agent's physical_interface_mappings names another physical network, or an interface that the node does not have",
  remedy: `map ${physicalNetwork} to ${providerInterface} on every node`,
  service: 'neutron',
  reads: { settings, links: nodeLinks },
  judge: ({ settings: answers, links }) => {
    const all = parseLinks(links)
    return mappingsOf(answers)
      .filter(
        ({ at, network, nic }) =>
          network !== physicalNetwork || !all.some((link) => link.at === at && link.name === nic),
      )
      .map(({ at, pair, nic }) =>
        mappingFound(
          at,
          `${at}: ${mappingFile}: physical_interface_mappings = ${pair}; interfaces on the node: ${all
            .filter((link) => link.at === at && (link.name.startsWith('e') || link.name === nic))
            .map(({ name }) => name)
            .join(', ')}`,
        ),
      )
  },
})

export const nicIsBridge = rule({
  symptom: "`can't enslave a bridge device to a bridge device` in the agent's log; ports stay down",
  cause: 'the physical network is mapped to a bridge, but Neutron adds the mapped interface to a bridge of its own',
  remedy: `map ${physicalNetwork} to the interface itself`,
  service: 'neutron',
  reads: { settings, links: nodeLinks },
  judge: ({ settings: answers, links }) => {
    const all = parseLinks(links)
    return mappingsOf(answers)
      .filter(({ at, nic }) => all.some((link) => link.at === at && link.name === nic && link.kind === 'bridge'))
      .map(({ at, pair, nic }) =>
        mappingFound(at, `${at}: ${mappingFile}: physical_interface_mappings = ${pair}; ${nic} is a bridge`),
      )
  },
})

const ebtables: ShellRead = { on: 'all', script: () => '[ -e /usr/sbin/ebtables ] && readlink -f /usr/sbin/ebtables' }

export const ebtablesBroken = rule({
  symptom:
    'after a hard reboot of an instance, no port on its node comes up any more, although the agent counts as alive',
  cause:
    'ebtables 1.8.9 over nftables cannot delete a rule with --among-src, and the agent retries forever (`RULE_DELETE failed`)',
  remedy: 'switch the alternative `ebtables` back to the program that the lab selected',
  service: 'neutron',
  reads: { ebtables },
  judge: ({ ebtables: answers }) =>
    answers
      .filter(({ text }) => /nft/.test(text))
      .map(({ at, text }) => ({
        about: at,
        evidence: [`${at}: /usr/sbin/ebtables is ${text.trim()}`],
        next: 'npx tsx scripts/provision.ts neutron',
        fix: { service: 'neutron' as const },
      })),
})

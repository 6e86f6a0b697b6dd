/** Neutron's agents: which each node should have, and what Neutron says of them. */

import type { CloudClient } from '../../cloud/client.ts'
import { lookAtUnit } from '../../cloud/where-to-look.ts'
import type { Lab } from '../../declaration/lab.ts'
import { serviceProfiles } from '../../declaration/service-profiles.ts'
import type { Observation } from '../../run/check.ts'
import { timeouts } from '../../run/timeouts.ts'
import { expectedDaemons } from '../../services/units-of.ts'
import { showCount } from '../../terminal/amounts.ts'
import type { LabCheck } from '../check.ts'

export interface Agent {
  id: string
  agent_type: string
  host: string
  alive: boolean
  admin_state_up: boolean
  heartbeat_timestamp: string
}

const { daemons } = serviceProfiles.neutron

/** Type, as Neutron names it -> the unit that is it. */
export const agentUnits: Readonly<Record<string, string>> = daemons.units

export const readAgents = async (cloud: CloudClient) =>
  (await cloud.get<{ agents: Agent[] }>(daemons.type, daemons.path)).agents

/** One agent that a node should have. */
export interface WantedAgent {
  node: string
  type: string
  unit: string
  state: 'alive' | 'dead' | 'switched off' | 'missing'
  /** As Neutron lists it; absent if it does not. */
  listed?: Agent
}

function stateOf(agent: Agent | undefined): WantedAgent['state'] {
  if (!agent) return 'missing'
  return agent.alive ? (agent.admin_state_up ? 'alive' : 'switched off') : 'dead'
}

/** All that the lab should have, in the order of its nodes. */
export function wantedAgents(lab: Lab, agents: readonly Agent[]): WantedAgent[] {
  const expected = expectedDaemons(lab, 'neutron')
  const byNode = lab.nodes.flatMap(({ name }) => expected.filter(({ node }) => node === name))
  return byNode.map(({ name: type, node, unit }) => {
    const listed = agents.find(({ agent_type, host }) => agent_type === type && host === node)
    const known = { node, type, unit, state: stateOf(listed) }
    return listed ? { ...known, listed } : known
  })
}

export const lookAtAgent = ({ node, unit }: Pick<WantedAgent, 'node' | 'unit'>) =>
  lookAtUnit(node, unit, `/var/log/neutron/${unit}.log`)

/** One line for each node that should have agents. */
export function judgeAgents(lab: Lab, agents: readonly Agent[]): Observation[] {
  const all = wantedAgents(lab, agents)
  return lab.nodes.flatMap(({ name }) => {
    const wanted = all.filter(({ node }) => node === name)
    if (!wanted.length) return []
    const bad = wanted.find(({ state }) => state !== 'alive')
    return [
      {
        id: `agents/${name}`,
        what: `${showCount(wanted.length, 'network agent')} alive on ${name}`,
        ok: !bad,
        seen: wanted.map(({ type, state }) => `${type} ${state}`).join(', '),
        data: {
          kind: 'network agent',
          count: wanted.length,
          alive: wanted.filter(({ state }) => state === 'alive').length,
        },
        next: bad ? lookAtAgent(bad) : './lab openstack network agent list',
      },
    ]
  })
}

export const agentsCheck: LabCheck = {
  id: 'agents',
  what: () => `${daemons.what} alive`,
  timeoutSeconds: timeouts.verify.agents.seconds,
  observe: async ({ lab, cloud }) => judgeAgents(lab, await readAgents(await cloud())),
}

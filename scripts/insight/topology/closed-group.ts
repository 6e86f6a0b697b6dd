/** A port whose security groups let no ping in: which groups they are, and the rule that would let it in. */

import { authUrlOf, openCloud } from '../../cloud/client.ts'
import { admits, type ListedRule } from '../../cloud/group-rules.ts'
import { markOf } from '../../cloud/mark.ts'
import { demoName, type Lab } from '../../declaration/lab.ts'
import { loadSecrets } from '../../declaration/secrets.ts'
import type { Observation } from '../../run/check.ts'
import { shellQuote } from '../../terminal/shell-quote.ts'

export interface Group {
  id: string
  name: string
  description: string
  project_id: string
  security_group_rules: ListedRule[]
}

const isFailed = ({ id, ok }: Observation) => !ok && (id === 'instance/filter' || id === 'ping')

/** The lab's own group is for `up` to repair; one that admits ping is for the agent. The groups of others stay theirs. */
export function explainClosed(
  hops: readonly Observation[],
  groups: readonly Group[],
  { lab, demoProject }: { lab: Pick<Lab, 'id'>; demoProject?: string | undefined },
): Observation[] {
  const filter = hops.find(({ id, ok }) => id === 'instance/filter' && !ok)
  const [first] = groups
  const isLabs = groups.some(({ description }) => description === markOf(lab))
  const isOpen = groups.some(({ security_group_rules: rules }) =>
    rules.some((rule) => rule.direction === 'ingress' && admits(rule, 'icmp')),
  )
  if (!filter || !first || isLabs || isOpen) return [...hops]
  const names = groups.map(({ name }) => name).join(', ')
  const seen =
    groups.length === 1
      ? `its security group ${names} allows no incoming ICMP`
      : `its security groups ${names} allow no incoming ICMP`
  const user = first.project_id === demoProject ? ` --os-cloud ${demoName}` : ''
  const next = `./lab openstack${user} security group rule create --protocol icmp ${shellQuote(first.id)}`
  return hops.map((hop) => (isFailed(hop) ? { ...hop, seen: hop === filter ? seen : hop.seen, next } : hop))
}

/** Asks Neutron only if the filter is closed. */
export async function withGroups(lab: Lab, portId: string, hops: readonly Observation[]): Promise<Observation[]> {
  if (!hops.some(isFailed)) return [...hops]
  const cloud = await openCloud(lab, loadSecrets(lab.root))
  const { port } = await cloud.get<{ port: { security_groups: string[] } }>('network', `/v2.0/ports/${portId}`)
  if (port.security_groups.length === 0) return [...hops]
  const query = new URLSearchParams(port.security_groups.map((id) => ['id', id]))
  const [{ security_groups }, projects] = await Promise.all([
    cloud.get<{ security_groups: Group[] }>('network', `/v2.0/security-groups?${query}`),
    cloud.get<{ projects: { id: string }[] }>('identity', `${authUrlOf(lab)}/projects?name=${demoName}`),
  ])
  return explainClosed(hops, security_groups, { lab, demoProject: projects.projects[0]?.id })
}

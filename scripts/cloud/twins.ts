/** Objects that a user has created in place of the lab's own, where the cloud allows a name or property only once. */

import { type Finding, LabError } from '../declaration/errors.ts'
import type { Lab } from '../declaration/lab.ts'
import { physicalNetwork } from '../declaration/provider-network.ts'
import { shellQuote } from '../terminal/shell-quote.ts'
import type { CloudClient } from './client.ts'
import { isGroupRule, type ListedRule } from './group-rules.ts'
import type { MarkedObject } from './marked-objects.ts'

interface Network {
  id: string
  name: string
  'provider:physical_network': string | null
  'provider:network_type': string
  'provider:segmentation_id': number | null
}

const isUnknown = (known: ReadonlySet<string>, type: string) => (listed: { id: string }) =>
  !known.has(`${type} ${listed.id}`)

/** Rules in the lab's own groups that are the same as the lab's: removing them is harmless, because the lab creates them again. */
export async function readTwinRules(
  cloud: CloudClient,
  marked: readonly MarkedObject[],
  known: ReadonlySet<string>,
): Promise<MarkedObject[]> {
  const type = 'openstack_networking_secgroup_rule_v2'
  const groups = marked.filter((one) => one.type === 'openstack_networking_secgroup_v2').map(({ id }) => id)
  if (groups.length === 0) return []
  const path = '/v2.0/security-group-rules'
  const query = new URLSearchParams([['direction', 'ingress'], ...groups.map((id) => ['security_group_id', id])])
  const { security_group_rules: rules } = await cloud.get<{ security_group_rules: ListedRule[] }>(
    'network',
    `${path}?${query}`,
  )
  return rules
    .filter((rule) => isGroupRule(rule) && !marked.some(({ id }) => id === rule.id))
    .filter(isUnknown(known, type))
    .map(({ id }) => ({ type, id, name: id, service: 'network', path: `${path}/${id}` }))
}

function refuse(kind: string, { id, name }: { id: string; name: string }, why: string): Finding {
  return {
    where: `${kind} ${name} in the cloud`,
    given: `${id}, created by a user: ${why}`,
    allowed: `the lab's own ${kind} instead, which ./lab up creates again`,
    remedy: `./lab openstack ${kind} delete ${shellQuote(id)} && ./lab up`,
  }
}

/** Throws LabError if something is in the way that is not the lab's to remove. */
export async function checkTwins(
  cloud: CloudClient,
  lab: Lab,
  marked: readonly MarkedObject[],
  known: ReadonlySet<string>,
): Promise<void> {
  const isTheirs = (type: string) => (one: { id: string }) =>
    isUnknown(known, type)(one) && !marked.some(({ id }) => id === one.id)
  const [{ flavors }, { networks }] = await Promise.all([
    cloud.get<{ flavors: { id: string; name: string }[] }>('compute', '/flavors/detail?is_public=None'),
    cloud.get<{ networks: Network[] }>('network', '/v2.0/networks'),
  ])
  const { vlan } = lab.networks
  const isOnOurWire = (one: Network) =>
    one['provider:physical_network'] === physicalNetwork &&
    (one['provider:network_type'] === 'flat' || one['provider:segmentation_id'] === vlan?.vlanId)
  const findings = [
    ...flavors
      .filter(({ name }) => name === lab.cloud.flavor.name)
      .filter(isTheirs('openstack_compute_flavor_v2'))
      .map((one) => refuse('flavor', one, 'it has the name of the declared one')),
    ...networks
      .filter(isOnOurWire)
      .filter(isTheirs('openstack_networking_network_v2'))
      .map((one) => refuse('network', one, 'it has the wire of the declared one')),
  ]
  if (findings.length > 0) throw new LabError(findings)
}

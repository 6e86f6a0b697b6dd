/** Makes programs reach the lab's addresses directly, even if this machine uses a proxy, which does not know them. */

import type { Lab } from '../declaration/lab.ts'

/** Each node by itself too: not every client understands ranges. */
const addressesOf = ({ nodes, networks: { management, provider, vlan } }: Pick<Lab, 'nodes' | 'networks'>) => [
  ...['localhost', '127.0.0.1', '::1'],
  ...nodes.flatMap(({ name, address }) => [name, address]),
  ...[management, provider, ...(vlan ? [vlan] : [])].map(({ cidr }) => cidr),
]

/** The no_proxy variables for programs that talk to the lab, in both spellings; the user's own exceptions stay. */
export function withoutProxy(lab: Pick<Lab, 'nodes' | 'networks'>, given = process.env): Record<string, string> {
  const own = given['no_proxy'] || given['NO_PROXY']
  // Clients know the star only where it stands alone.
  const list = own === '*' ? own : [...new Set([...(own?.split(',') ?? []), ...addressesOf(lab)])].join(',')
  return { no_proxy: list, NO_PROXY: list }
}

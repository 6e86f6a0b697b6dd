/**
 * The lanes of the sequence diagram: every process that takes part, by node, in the order in which a launch reaches
 * them.
 */

import type { TraceStep } from './trace.ts'

export interface Lane {
  /** `unit@node` */
  id: string
  unit: string
  node: string
}

/** From left to right; what is not listed comes at the end of its node. */
const order = [
  'client',
  'keystone',
  'memcached',
  'nova-api',
  'mariadb',
  'rabbitmq-server',
  'nova-conductor',
  'nova-scheduler',
  'placement-api',
  'glance-api',
  'cinder-api',
  'cinder-volume',
  'neutron-api',
  'neutron-rpc-server',
  'neutron-dhcp-agent',
  'dnsmasq',
  'neutron-l3-agent',
  'haproxy',
  'neutron-metadata-agent',
  'nova-api-metadata',
  'nova-compute',
  'libvirtd',
  'kernel',
  'neutron-linuxbridge-agent',
]

/** The host first, then the node with the most processes: the controller. */
export function lanesOf(steps: readonly TraceStep[]): Lane[] {
  const ids = [...new Set(steps.flatMap(({ from, to }) => [from, to]))]
  const lanes = ids.map((id): Lane => {
    const at = id.lastIndexOf('@')
    return { id, unit: id.slice(0, at), node: id.slice(at + 1) }
  })
  const size = (node: string) => lanes.filter((lane) => lane.node === node).length
  const rank = ({ unit }: Lane) => (order.indexOf(unit) < 0 ? order.length : order.indexOf(unit))
  const first = ({ node }: Lane) => (node === 'host' ? 0 : 1)
  return lanes.sort(
    (left, right) =>
      first(left) - first(right) ||
      size(right.node) - size(left.node) ||
      left.node.localeCompare(right.node) ||
      rank(left) - rank(right) ||
      left.unit.localeCompare(right.unit),
  )
}

/** Where each service's logs stand on a node: files of its own, units in the journal. */

import type { Lab, LabNode, ServiceName } from '../../declaration/lab.ts'
import { unitsOf } from '../../health/status/nodes.ts'

/** Shell patterns; uWSGI, Apache and QEMU write here as well as the services themselves. */
const files: Readonly<Partial<Record<ServiceName, readonly string[]>>> = {
  mariadb: ['/var/log/mysql/*.log'],
  rabbitmq: ['/var/log/rabbitmq/*.log'],
  keystone: ['/var/log/keystone/*.log'],
  glance: ['/var/log/glance/*.log'],
  placement: ['/var/log/placement/*.log'],
  nova: ['/var/log/nova/*.log', '/var/log/libvirt/*.log', '/var/log/libvirt/qemu/*.log'],
  neutron: ['/var/log/neutron/*.log'],
  cinder: ['/var/log/cinder/*.log'],
  horizon: ['/var/log/apache2/*.log'],
}

/** The node's own: whatever in the journal belongs to no service of the lab. */
const systemService = 'base' satisfies ServiceName

export interface Sources {
  files: readonly string[]
  /** Units whose lines of the journal are wanted. */
  units: ReadonlySet<string>
  /** And those of no service. */
  system: boolean
  /** All units of the lab on this node. */
  known: ReadonlySet<string>
}

/** For these services on this node; none named: all of them, without the node's own chatter. */
export function sourcesOf(lab: Lab, node: LabNode, services: readonly ServiceName[]): Sources {
  const all = unitsOf(lab).get(node.name) ?? []
  const wanted = services.length
    ? services
    : (Object.keys(lab.services) as ServiceName[]).filter((name) => name !== systemService)
  return {
    files: wanted.flatMap((name) => files[name] ?? []),
    units: new Set(all.filter(({ service }) => wanted.includes(service)).map(({ unit }) => unit)),
    system: wanted.includes(systemService),
    known: new Set(all.map(({ unit }) => unit)),
  }
}

/** `/var/log/nova/nova-api.log` -> `nova-api`; Apache's and QEMU's say whose they are. */
export function shortName(path: string): string {
  const [folder = '', file = ''] = path
    .replace(/\.log$/, '')
    .split('/')
    .slice(-2)
  if (folder === 'apache2') return `apache2-${file}`
  return folder === 'qemu' ? `qemu-${file}` : file
}

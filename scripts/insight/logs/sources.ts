/** Where each service's logs are on a node: its own files, and units in the journal. */

import type { Lab, LabNode } from '../../declaration/lab.ts'
import { profileOf, type ServiceName } from '../../declaration/service-profiles.ts'
import { unitsOf } from '../../services/units-of.ts'

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
    // uWSGI, Apache and QEMU write there as well as the services themselves.
    files: wanted.flatMap((name) => profileOf(name).logs ?? []),
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

/** Where each service's logs are on a node: its own files, and units in the journal. */

import type { Lab, LabNode } from '../../declaration/lab.ts'
import { profileOf, type ServiceName } from '../../declaration/service-profiles.ts'
import { unitsOf } from '../../services/units-of.ts'

/** The node's own messages: everything in the journal that belongs to no service of the lab. */
const systemService = 'base' satisfies ServiceName

export interface Sources {
  files: readonly string[]
  /** Units to read from the journal. */
  units: ReadonlySet<string>
  /** Also units that belong to no service. */
  system: boolean
  /** All units of the lab on this node. */
  known: ReadonlySet<string>
}

/** For these services on this node; without names: all of them, without the node's own messages. */
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

/** `/var/log/nova/nova-api.log` -> `nova-api`; logs of Apache and QEMU get a prefix. */
export function shortName(path: string): string {
  const [folder = '', file = ''] = path
    .replace(/\.log$/, '')
    .split('/')
    .slice(-2)
  if (folder === 'apache2') return `apache2-${file}`
  return folder === 'qemu' ? `qemu-${file}` : file
}

/** Where to look when a service does not answer: its unit's journal and its log file. */

import { profileOf, type ServiceName, serviceNames } from '../declaration/service-profiles.ts'

/** Catalog type -> the service of the lab that answers under it. */
export const serviceOfType: Readonly<Record<string, ServiceName>> = Object.fromEntries(
  serviceNames.flatMap((name) => (profileOf(name).catalog ?? []).map(({ type }) => [type, name])),
)

/** `next` for one unit on one node. OpenStack's daemons write to files; what stopped them is in the journal. */
export function lookAtUnit(node: string, unit: string, log?: string | undefined): string {
  const journal = `./lab ssh ${node} journalctl -u ${unit} -n 50 --no-pager`
  return log ? `${journal}; ./lab ssh ${node} tail -n 50 ${log}` : journal
}

/** `next` for a service of the catalog, or by its own name, on the controller. */
export function whereToLook(type: string, node = 'controller'): string {
  const service = serviceOfType[type] ?? serviceNames.find((name) => name === type)
  const api = service && profileOf(service).apis?.[0]
  if (!api) return `./lab ssh ${node} systemctl --failed`
  return lookAtUnit(node, api.unit, api.log ?? `/var/log/${service}/${api.unit}.log`)
}

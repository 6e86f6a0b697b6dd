/** Where a person looks next when something of a service does not answer: its unit's journal and its log file. */

import type { ServiceName } from '../declaration/lab.ts'

/** Catalog type -> the service of the lab that answers under it. */
export const serviceOfType: Readonly<Record<string, ServiceName>> = {
  identity: 'keystone',
  image: 'glance',
  placement: 'placement',
  compute: 'nova',
  network: 'neutron',
  volumev3: 'cinder',
}

const units: Readonly<Record<string, string>> = {
  keystone: 'keystone',
  glance: 'glance-api',
  placement: 'placement-api',
  nova: 'nova-api',
  neutron: 'neutron-api',
  cinder: 'cinder-api',
  horizon: 'apache2',
}

/** `next` for one unit on one node. OpenStack's daemons write to files; what stopped them stands in the journal. */
export function lookAtUnit(node: string, unit: string, log?: string): string {
  const journal = `./lab ssh ${node} journalctl -u ${unit} -n 50 --no-pager`
  return log ? `${journal}; ./lab ssh ${node} tail -n 50 ${log}` : journal
}

/** `next` for a service of the catalog, on the controller. */
export function whereToLook(type: string, node = 'controller'): string {
  const service = serviceOfType[type] ?? type
  const unit = units[service]
  if (!unit) return `./lab ssh ${node} systemctl --failed`
  return lookAtUnit(node, unit, `/var/log/${service === 'horizon' ? 'apache2/error' : `${service}/${unit}`}.log`)
}

/** The lab's test instances: one on each provider network. */

import type { Lab } from '../declaration/lab.ts'

export interface TestServer {
  /** Its construct in the stack `cloud`. */
  key: 'server' | 'vlan_server'
  network: 'provider' | 'vlan'
  name: string
  /** The volume is attached to the first one. */
  hasVolume: boolean
}

export function testServers(lab: Lab): TestServer[] {
  const { name } = lab.cloud.server
  const flat: TestServer = { key: 'server', network: 'provider', name, hasVolume: hasTestVolume(lab) }
  if (!lab.networks.vlan) return [flat]
  return [flat, { key: 'vlan_server', network: 'vlan', name: `${name}-vlan`, hasVolume: false }]
}

export function hasTestVolume(lab: Lab): boolean {
  return lab.services.cinder && lab.cloud.volumeGiB > 0
}

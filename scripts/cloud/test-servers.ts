/** The lab's test instances: one on each provider network, and one behind a router where projects have networks. */

import { isSelfService, type Lab } from '../declaration/lab.ts'

export interface TestServer {
  /** Its construct in the stack `cloud`. */
  key: 'server' | 'vlan_server' | 'project_server'
  network: 'provider' | 'vlan' | 'project'
  name: string
  /** The volume is attached to the first one. */
  hasVolume: boolean
}

export function testServers(lab: Lab): TestServer[] {
  const { name } = lab.cloud.server
  const flat: TestServer = { key: 'server', network: 'provider', name, hasVolume: hasTestVolume(lab) }
  const others: TestServer[] = [
    { key: 'vlan_server', network: 'vlan', name: `${name}-vlan`, hasVolume: false },
    { key: 'project_server', network: 'project', name: `${name}-project`, hasVolume: false },
  ]
  const present = { vlan: lab.networks.vlan !== undefined, project: isSelfService(lab) }
  return [flat, ...others.filter(({ network }) => network !== 'provider' && present[network])]
}

export function hasTestVolume(lab: Lab): boolean {
  return lab.services.cinder && lab.cloud.volumeGiB > 0
}

/** Whether a construct of the stack `cloud` is there only in a self-service lab. */
export const isOfSelfService = (construct: string): boolean =>
  /^(project|other|demo)_|^router(_interface)?$|^floating_ip$/.test(construct)

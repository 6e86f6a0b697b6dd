/** What several rules ask of the cloud: servers, networks with their ports, agents; each asked once. */

import { readAllServers } from '../../../cloud/all-servers.ts'
import type { Server } from '../../../cloud/server.ts'
import type { Lab } from '../../../declaration/lab.ts'
import { readState } from '../../../terraform/state.ts'
import { type Agent, readAgents } from '../../checks/agents.ts'
import type { CloudRead } from '../rule.ts'

export interface FullServer extends Server {
  updated: string
  'OS-EXT-STS:task_state'?: string | null
  /** libvirt's name for it. */
  'OS-EXT-SRV-ATTR:instance_name'?: string | null
}

export const servers: CloudRead<FullServer[]> = {
  ask: readAllServers,
}

/** The lab's own by its name; a user's may have any name, also that one: its id says which it is. */
export function nameObject({ id, name }: { id: string; name: string }, own: ReadonlySet<string>): string {
  if (!name) return id
  return own.has(id) ? name : `${name} (${id})`
}

export interface Port {
  id: string
  network_id: string
  device_id: string
  device_owner: string
  status: string
  security_groups: string[]
  fixed_ips: { ip_address: string; subnet_id: string }[]
  'binding:host_id': string
  'binding:vif_type': string
}

export const ports: CloudRead<Port[]> = {
  ask: async (cloud) => (await cloud.get<{ ports: Port[] }>('network', '/v2.0/ports')).ports,
}

export interface Network {
  id: string
  name: string
  'provider:network_type': string
  'provider:physical_network': string | null
  'provider:segmentation_id': number | null
  /** What DHCP tells the instances. */
  mtu: number
  subnets: string[]
}

export interface Subnet {
  id: string
  network_id: string
  enable_dhcp: boolean
}

export const networks: CloudRead<{ networks: Network[]; subnets: Subnet[] }> = {
  async ask(cloud) {
    const [{ networks }, { subnets }] = await Promise.all([
      cloud.get<{ networks: Network[] }>('network', '/v2.0/networks'),
      cloud.get<{ subnets: Subnet[] }>('network', '/v2.0/subnets'),
    ])
    return { networks, subnets }
  },
}

export const agents: CloudRead<Agent[]> = { ask: readAgents }

/**
 * The test instance on the provider network, from Terraform's state; absent while that stack has not got so far. For
 * shell reads too, which cannot wait for an answer of the cloud.
 */
export function ownServerIn(lab: Lab): { id: string; address: string } | undefined {
  const found = readState(lab, 'cloud').find(
    ({ address, tainted }) => address === 'openstack_compute_instance_v2.server' && !tainted,
  )
  return found && { id: String(found.attributes['id']), address: String(found.attributes['access_ip_v4']) }
}

export const ownServer: CloudRead<{ id: string; address: string } | undefined> = {
  ask: async (_, lab) => ownServerIn(lab),
}

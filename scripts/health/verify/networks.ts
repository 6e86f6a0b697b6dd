/** The VLAN provider network, where the nodes can carry one: declared in Neutron, and wired on the controller. */

import { lookAtUnit } from '../../cloud/where-to-look.ts'
import { controllerOf, type Lab, type VlanNetwork } from '../../declaration/lab.ts'
import { type Observation, observeUntil, type Watch } from './observation.ts'

export interface Network {
  id: string
  name: string
  status: string
  'provider:network_type': string
  'provider:segmentation_id': number | null
}

export interface Port {
  network_id: string
  device_owner: string
  status: string
}

/** Its DHCP port is ACTIVE only when the agent has really made the tagged interface and put it into a bridge. */
export function judgeVlan(
  lab: Lab,
  vlan: VlanNetwork,
  networks: readonly Network[],
  ports: readonly Port[],
): Observation {
  const network = networks.find(({ name }) => name === vlan.name)
  const right = network?.['provider:network_type'] === 'vlan' && network['provider:segmentation_id'] === vlan.id
  const dhcp = ports.find(
    ({ network_id, device_owner }) => network_id === network?.id && device_owner === 'network:dhcp',
  )
  return {
    what: `VLAN network ${vlan.name} wired`,
    ok: Boolean(right && network?.status === 'ACTIVE' && dhcp?.status === 'ACTIVE'),
    seen: network
      ? `${network['provider:network_type']} ${network['provider:segmentation_id']}, ${network.status}, DHCP port ${dhcp?.status ?? 'missing'}`
      : 'no such network',
    next: lookAtUnit(
      controllerOf(lab).name,
      'neutron-linuxbridge-agent',
      '/var/log/neutron/neutron-linuxbridge-agent.log',
    ),
  }
}

export async function observeVlan(watch: Watch): Promise<Observation[]> {
  const { vlan } = watch.lab.networks
  if (!vlan) return []
  return observeUntil(watch, `VLAN network ${vlan.name} wired`, 60, async () => {
    const cloud = await watch.cloud()
    const [{ networks }, { ports }] = await Promise.all([
      cloud.get<{ networks: Network[] }>('network', '/v2.0/networks'),
      cloud.get<{ ports: Port[] }>('network', '/v2.0/ports?device_owner=network:dhcp'),
    ])
    return [judgeVlan(watch.lab, vlan, networks, ports)]
  })
}

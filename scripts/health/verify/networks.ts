/** The VLAN provider network, where the nodes can carry one: declared in Neutron, and wired on the controller. */

import { lookAtUnit } from '../../cloud/where-to-look.ts'
import { controllerOf, type Lab, type VlanNetwork } from '../../declaration/lab.ts'
import type { Observation } from '../../run/check.ts'
import { timeouts } from '../../run/timeouts.ts'
import type { LabCheck } from '../check.ts'

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

const wired = ({ name }: Pick<VlanNetwork, 'name'>) => `VLAN network ${name} active`

/** Its DHCP port is ACTIVE only when the agent has really made the tagged interface and put it into a bridge. */
export function judgeVlan(
  lab: Lab,
  vlan: VlanNetwork,
  networks: readonly Network[],
  ports: readonly Port[],
): Observation {
  const network = networks.find(({ name }) => name === vlan.name)
  const right = network?.['provider:network_type'] === 'vlan' && network['provider:segmentation_id'] === vlan.vlanId
  const dhcp = ports.find(
    ({ network_id, device_owner }) => network_id === network?.id && device_owner === 'network:dhcp',
  )
  return {
    id: 'vlan',
    what: wired(vlan),
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

export const vlanCheck: LabCheck = {
  id: 'vlan',
  what: ({ lab }) => wired(lab.networks.vlan!),
  timeoutSeconds: timeouts.verify.others.seconds,
  when: ({ networks }) => networks.vlan !== undefined,
  async observe({ lab, cloud: signIn }) {
    const cloud = await signIn()
    const [{ networks }, { ports }] = await Promise.all([
      cloud.get<{ networks: Network[] }>('network', '/v2.0/networks'),
      cloud.get<{ ports: Port[] }>('network', '/v2.0/ports?device_owner=network:dhcp'),
    ])
    return [judgeVlan(lab, lab.networks.vlan!, networks, ports)]
  },
}

/** The two libvirt networks to which every node is connected. */

import { Network } from '@cdktf/provider-libvirt/network'
import type { DataResource, TerraformStack } from 'cdktf'
import type { LabNetwork } from '../scripts/declaration/lab.ts'

export interface NodeNetworks {
  management: Network
  provider: Network
}

/**
 * Cut off from everything but the host's own address on its bridge. Neither DHCP nor names from this machine: addresses
 * are static here, and on the provider network Neutron's DHCP must be the only one that answers.
 */
export function addNetwork(stack: TerraformStack, id: string, network: LabNetwork, end: DataResource): Network {
  return new Network(stack, id, {
    name: network.name,
    bridge: network.bridge,
    mode: 'none',
    addresses: [network.cidr],
    autostart: true,
    dhcp: { enabled: false },
    dns: { enabled: false },
    // The provider leaves out what is false, so libvirt starts a dnsmasq anyway: it is to listen on no port.
    dnsmasqOptions: { options: [{ optionName: 'port', optionValue: '0' }] },
    dependsOn: [end],
  })
}

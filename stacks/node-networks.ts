/** The two libvirt networks that every node is connected to. */

import { Network } from '@cdktf/provider-libvirt/network'
import type { DataResource, TerraformStack } from 'cdktf'
import type { LabNetwork } from '../scripts/declaration/lab.ts'

export interface NodeNetworks {
  management: Network
  provider: Network
}

/**
 * Reaches only the host's own address on its bridge. No DHCP or DNS from this machine: addresses are static here, and
 * on the provider network only Neutron's DHCP may answer.
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
    // The provider omits false values, so libvirt starts a dnsmasq anyway: this makes it listen on no port.
    dnsmasqOptions: { options: [{ optionName: 'port', optionValue: '0' }] },
    dependsOn: [end],
  })
}

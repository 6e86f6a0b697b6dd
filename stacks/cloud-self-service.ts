/** What a self-service lab has besides: a project network behind a router, and a floating IP of the instance on it. */

import { NetworkingFloatingipV2 } from '@cdktf/provider-openstack/networking-floatingip-v2'
import { NetworkingNetworkV2 } from '@cdktf/provider-openstack/networking-network-v2'
import type { NetworkingPortV2 } from '@cdktf/provider-openstack/networking-port-v2'
import { NetworkingRouterInterfaceV2 } from '@cdktf/provider-openstack/networking-router-interface-v2'
import { NetworkingRouterV2 } from '@cdktf/provider-openstack/networking-router-v2'
import { NetworkingSubnetV2 } from '@cdktf/provider-openstack/networking-subnet-v2'
import type { TerraformStack } from 'cdktf'
import { markOf } from '../scripts/cloud/mark.ts'
import type { Lab } from '../scripts/declaration/lab.ts'
import { flatNetwork, selfServiceNetwork } from '../scripts/declaration/provider-network.ts'
import { createDelete } from './cloud-timeouts.ts'

export interface ProjectNetwork {
  subnet: NetworkingSubnetV2
  /** By which the subnet is reached from the provider network. */
  routed: NetworkingRouterInterfaceV2
}

/** Neutron chooses what it is made of. Its router has an address on the provider network and hides the subnet behind it. */
export function addProjectNetwork(stack: TerraformStack, lab: Lab, provider: NetworkingSubnetV2): ProjectNetwork {
  const common = { description: markOf(lab), timeouts: createDelete(lab) }
  const { name, cidr, gateway } = selfServiceNetwork
  const network = new NetworkingNetworkV2(stack, 'project_network', { name, ...common, adminStateUp: true })
  const subnet = new NetworkingSubnetV2(stack, 'project_subnet', {
    name: `${name}-v4`,
    ...common,
    networkId: network.id,
    ipVersion: 4,
    cidr,
    gatewayIp: gateway,
  })
  const router = new NetworkingRouterV2(stack, 'router', {
    name: 'router',
    ...common,
    adminStateUp: true,
    externalNetworkId: provider.networkId,
    // Naming the subnet, it cannot be made before there are addresses.
    externalFixedIp: [{ subnetId: provider.id }],
  })
  const routed = new NetworkingRouterInterfaceV2(stack, 'router_interface', {
    routerId: router.id,
    subnetId: subnet.id,
    timeouts: createDelete(lab),
  })
  return { subnet, routed }
}

/** Neutron refuses one for a port that no router leads to; and the router's interface cannot go while there is one. */
export function addFloatingIp(
  stack: TerraformStack,
  lab: Lab,
  provider: NetworkingSubnetV2,
  port: NetworkingPortV2,
  routed: NetworkingRouterInterfaceV2,
): NetworkingFloatingipV2 {
  return new NetworkingFloatingipV2(stack, 'floating_ip', {
    pool: flatNetwork,
    subnetId: provider.id,
    portId: port.id,
    description: markOf(lab),
    timeouts: createDelete(lab),
    dependsOn: [routed],
  })
}

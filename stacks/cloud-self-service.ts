/**
 * What a self-service lab has besides, made by the ordinary user `demo`: a network of the project's own behind a router,
 * and on it an instance with a floating IP. Where the user is switched off, the admin makes it.
 */

import type { ComputeInstanceV2 } from '@cdktf/provider-openstack/compute-instance-v2'
import { ComputeKeypairV2 } from '@cdktf/provider-openstack/compute-keypair-v2'
import { NetworkingFloatingipV2 } from '@cdktf/provider-openstack/networking-floatingip-v2'
import { NetworkingNetworkV2 } from '@cdktf/provider-openstack/networking-network-v2'
import { NetworkingRouterInterfaceV2 } from '@cdktf/provider-openstack/networking-router-interface-v2'
import { NetworkingRouterV2 } from '@cdktf/provider-openstack/networking-router-v2'
import type { NetworkingSecgroupV2 } from '@cdktf/provider-openstack/networking-secgroup-v2'
import { NetworkingSubnetV2 } from '@cdktf/provider-openstack/networking-subnet-v2'
import type { OpenstackProvider } from '@cdktf/provider-openstack/provider'
import type { TerraformStack } from 'cdktf'
import { markOf } from '../scripts/cloud/mark.ts'
import { demoKeypair } from '../scripts/cloud/marked-objects.ts'
import type { Lab } from '../scripts/declaration/lab.ts'
import { flatNetwork, otherNetwork, selfServiceNetwork } from '../scripts/declaration/provider-network.ts'
import { addPort, addSecurityGroup, dnsOf } from './cloud-networks.ts'
import { addServer, type Likeness, type Owner, publicKey } from './cloud-servers.ts'
import { createDelete } from './cloud-timeouts.ts'

interface SelfService {
  /** Construct and name of the instance. */
  key: string
  name: string
  provider: NetworkingSubnetV2
  asDemo: OpenstackProvider
  /** The admin's. */
  group: NetworkingSecgroupV2
  likeness: Likeness
}

export function addSelfService(
  stack: TerraformStack,
  lab: Lab,
  { key, name, provider, asDemo, group, likeness }: SelfService,
): ComputeInstanceV2 {
  const own = lab.services.demo
    ? ownOfDemo(stack, lab, { provider: asDemo })
    : { owner: {}, keypair: likeness.keypair, group }
  addProjectNetwork(stack, lab, 'other', otherNetwork, {})
  const subnet = addProjectNetwork(stack, lab, 'project', selfServiceNetwork.name, own.owner)
  const routed = addRouter(stack, lab, provider, subnet, own.owner)
  const port = addPort(stack, lab, `${key}_port`, name, subnet, own.group, own.owner)
  new NetworkingFloatingipV2(stack, 'floating_ip', {
    ...own.owner,
    pool: flatNetwork,
    subnetId: provider.id,
    portId: port.id,
    description: markOf(lab),
    timeouts: createDelete(lab),
    // Neutron refuses one for a port to which no router leads, and keeps the router's interface while there is one.
    dependsOn: [routed],
  })
  return addServer(stack, lab, key, name, port, { ...likeness, ...own.owner, keypair: own.keypair })
}

/** Keys and security groups belong to a user and a project. */
function ownOfDemo(stack: TerraformStack, lab: Lab, owner: Owner) {
  const keypair = new ComputeKeypairV2(stack, 'demo_keypair', {
    ...owner,
    name: demoKeypair,
    publicKey: publicKey(lab),
  })
  return { owner, keypair, group: addSecurityGroup(stack, lab, 'demo_', owner) }
}

/** Neutron chooses what it is made of. Both have the same addresses, as two projects may. */
function addProjectNetwork(
  stack: TerraformStack,
  lab: Lab,
  id: string,
  name: string,
  owner: Owner,
): NetworkingSubnetV2 {
  const common = { ...owner, description: markOf(lab), timeouts: createDelete(lab) }
  const network = new NetworkingNetworkV2(stack, `${id}_network`, { name, ...common, adminStateUp: true })
  const { cidr, gateway } = selfServiceNetwork
  return new NetworkingSubnetV2(stack, `${id}_subnet`, {
    name: `${name}-v4`,
    ...common,
    networkId: network.id,
    ipVersion: 4,
    cidr,
    gatewayIp: gateway,
    // Its router's way out is the provider network.
    ...dnsOf(lab, lab.networks.provider.hostAddress),
  })
}

/** It has an address on the provider network, behind which the project network is hidden. */
function addRouter(
  stack: TerraformStack,
  lab: Lab,
  provider: NetworkingSubnetV2,
  subnet: NetworkingSubnetV2,
  owner: Owner,
): NetworkingRouterInterfaceV2 {
  const router = new NetworkingRouterV2(stack, 'router', {
    ...owner,
    name: 'router',
    description: markOf(lab),
    timeouts: createDelete(lab),
    adminStateUp: true,
    externalNetworkId: provider.networkId,
    // Otherwise it could be made before that network has addresses. Which of them it takes, only an admin may say.
    dependsOn: [provider],
  })
  return new NetworkingRouterInterfaceV2(stack, 'router_interface', {
    ...owner,
    routerId: router.id,
    subnetId: subnet.id,
    timeouts: createDelete(lab),
  })
}

/** The networks of the finished cloud, the security group rules, and the ports of the test instances. */

import { NetworkingNetworkV2 } from '@cdktf/provider-openstack/networking-network-v2'
import { NetworkingPortV2 } from '@cdktf/provider-openstack/networking-port-v2'
import { NetworkingSecgroupRuleV2 } from '@cdktf/provider-openstack/networking-secgroup-rule-v2'
import { NetworkingSecgroupV2 } from '@cdktf/provider-openstack/networking-secgroup-v2'
import { NetworkingSubnetV2 } from '@cdktf/provider-openstack/networking-subnet-v2'
import type { TerraformStack } from 'cdktf'
import { groupRules } from '../scripts/cloud/group-rules.ts'
import { markOf } from '../scripts/cloud/mark.ts'
import { type Lab, nameServers, type VlanNetwork } from '../scripts/declaration/lab.ts'
import { flatNetwork, physicalNetwork } from '../scripts/declaration/provider-network.ts'
import { timeouts } from '../scripts/run/timeouts.ts'
import type { Owner } from './cloud-servers.ts'
import { createDelete, within } from './cloud-timeouts.ts'

/** What a subnet tells its instances, if anything. */
export function dnsOf(lab: Lab, gateway: string): { dnsNameservers?: string[] } {
  const servers = nameServers(lab, gateway)
  return servers.length > 0 ? { dnsNameservers: [...servers] } : {}
}

/** The flat network on the host's bridge: the host reaches its instances directly. */
export function addProviderNetwork(stack: TerraformStack, lab: Lab): NetworkingSubnetV2 {
  const network = new NetworkingNetworkV2(stack, 'provider_network', {
    name: flatNetwork,
    description: markOf(lab),
    adminStateUp: true,
    shared: true,
    external: true,
    segments: [{ physicalNetwork, networkType: 'flat' }],
    timeouts: createDelete(lab),
  })
  return new NetworkingSubnetV2(stack, 'provider_subnet', {
    name: 'provider-v4',
    description: markOf(lab),
    networkId: network.id,
    ipVersion: 4,
    cidr: lab.networks.provider.cidr,
    gatewayIp: lab.networks.provider.hostAddress,
    allocationPool: [lab.providerPool],
    ...dnsOf(lab, lab.networks.provider.hostAddress),
    timeouts: createDelete(lab),
  })
}

/** A tagged network on the same wire; the host reaches it through its tagged interface, which is the gateway here. */
export function addVlanNetwork(stack: TerraformStack, lab: Lab, vlan: VlanNetwork): NetworkingSubnetV2 {
  const network = new NetworkingNetworkV2(stack, 'vlan_network', {
    name: vlan.name,
    description: markOf(lab),
    adminStateUp: true,
    shared: true,
    external: true,
    segments: [{ physicalNetwork, networkType: 'vlan', segmentationId: vlan.vlanId }],
    timeouts: createDelete(lab),
  })
  return new NetworkingSubnetV2(stack, 'vlan_subnet', {
    name: `${vlan.name}-v4`,
    description: markOf(lab),
    networkId: network.id,
    ipVersion: 4,
    cidr: vlan.cidr,
    gatewayIp: vlan.hostAddress,
    allocationPool: [vlan.pool],
    ...dnsOf(lab, vlan.hostAddress),
    timeouts: createDelete(lab),
  })
}

/**
 * Lets ping and ssh in; Neutron itself adds the rules that let everything out. `prefix` keeps a second one's ids apart,
 * and its name: the admin sees the groups of all projects, and clients refuse a name that two of them have.
 */
export function addSecurityGroup(
  stack: TerraformStack,
  lab: Lab,
  prefix = '',
  owner: Owner = {},
): NetworkingSecgroupV2 {
  const common = { ...owner, description: markOf(lab), timeouts: { delete: within(lab, timeouts.cloud.object) } }
  const name = `${prefix.replaceAll('_', '-')}ping-and-ssh`
  const group = new NetworkingSecgroupV2(stack, `${prefix}security_group`, { name, ...common })
  const rule = { ...common, direction: 'ingress', ethertype: 'IPv4', securityGroupId: group.id }
  for (const { key, protocol, port } of groupRules) {
    const ports = port === undefined ? {} : { portRangeMin: port, portRangeMax: port }
    new NetworkingSecgroupRuleV2(stack, `${prefix}${key}`, { ...rule, protocol, ...ports })
  }
  return group
}

/** An instance's port is a resource of its own: it refers to the subnet, so it is not created before that exists. */
export function addPort(
  stack: TerraformStack,
  lab: Lab,
  id: string,
  server: string,
  subnet: NetworkingSubnetV2,
  group: NetworkingSecgroupV2,
  owner: Owner = {},
): NetworkingPortV2 {
  return new NetworkingPortV2(stack, id, {
    ...owner,
    name: `${server}-port`,
    description: markOf(lab),
    networkId: subnet.networkId,
    adminStateUp: true,
    fixedIp: [{ subnetId: subnet.id }],
    securityGroupIds: [group.id],
    timeouts: createDelete(lab),
  })
}

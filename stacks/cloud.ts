/** Stack `cloud`: what stands in the finished OpenStack, by its own provider: image, networks, volume, test instance. */

import { existsSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { BlockstorageVolumeV3 } from '@cdktf/provider-openstack/blockstorage-volume-v3'
import { ComputeFlavorV2 } from '@cdktf/provider-openstack/compute-flavor-v2'
import { ComputeInstanceV2 } from '@cdktf/provider-openstack/compute-instance-v2'
import { ComputeKeypairV2 } from '@cdktf/provider-openstack/compute-keypair-v2'
import { ComputeVolumeAttachV2 } from '@cdktf/provider-openstack/compute-volume-attach-v2'
import { ImagesImageV2 } from '@cdktf/provider-openstack/images-image-v2'
import { NetworkingNetworkV2 } from '@cdktf/provider-openstack/networking-network-v2'
import { NetworkingPortV2 } from '@cdktf/provider-openstack/networking-port-v2'
import { NetworkingSecgroupRuleV2 } from '@cdktf/provider-openstack/networking-secgroup-rule-v2'
import { NetworkingSecgroupV2 } from '@cdktf/provider-openstack/networking-secgroup-v2'
import { NetworkingSubnetV2 } from '@cdktf/provider-openstack/networking-subnet-v2'
import { OpenstackProvider } from '@cdktf/provider-openstack/provider'
import { TerraformOutput, type TerraformResource, TerraformStack } from 'cdktf'
import type { Construct } from 'constructs'
import { markOf, metadataOf, tagOf } from '../scripts/cloud/mark.ts'
import type { Lab, VlanNetwork } from '../scripts/declaration/lab.ts'

/** Stands in where `prepare` has made no key yet, so that the stack can be looked at before the first `up`. */
const previewKey = 'ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA'

/**
 * The cloud's own objects. No data source and no credential is in it: it can be planned with no cloud there, and the
 * provider signs in through OS_CLIENT_CONFIG_FILE and OS_CLOUD. The construct ids are a contract: a changed one
 * replaces what it names.
 */
export class CloudStack extends TerraformStack {
  constructor(scope: Construct, id: string, lab: Lab) {
    super(scope, id)
    // Said here, because OS_CLOUD and OS_REGION_NAME of the user's shell would win over the lab's clouds.yaml.
    new OpenstackProvider(this, 'openstack', { cloud: 'duostack', region: lab.region })
    const subnet = addProviderNetwork(this, lab)
    if (lab.networks.vlan) addVlanNetwork(this, lab, lab.networks.vlan)
    const server = addServer(this, lab, addPort(this, lab, subnet, addSecurityGroup(this, lab)))
    if (lab.services.cinder && lab.cloud.volumeGiB > 0) addVolume(this, lab, server)
    new TerraformOutput(this, 'server_address', { value: server.accessIpV4, description: 'ssh root@ this address' })
  }
}

/** A provider's timeout: written for native speed, longer where nodes are emulated. */
function within(lab: Lab, minutes: number): string {
  return `${Math.ceil(minutes * lab.timeScale)}m`
}

const createDelete = (lab: Lab, minutes = 5) => ({ create: within(lab, minutes), delete: within(lab, minutes) })

/** The flat network that the host's bridge carries: instances on it are reached from the host directly. */
function addProviderNetwork(stack: TerraformStack, lab: Lab): NetworkingSubnetV2 {
  const network = new NetworkingNetworkV2(stack, 'provider_network', {
    name: 'provider',
    description: markOf(lab),
    adminStateUp: true,
    shared: true,
    external: true,
    segments: [{ physicalNetwork: 'provider', networkType: 'flat' }],
    timeouts: createDelete(lab),
  })
  return new NetworkingSubnetV2(stack, 'provider_subnet', {
    name: 'provider-v4',
    description: markOf(lab),
    networkId: network.id,
    ipVersion: 4,
    cidr: lab.networks.provider.cidr,
    gatewayIp: lab.networks.provider.hostAddress,
    allocationPool: [{ start: lab.providerPool.start, end: lab.providerPool.end }],
    timeouts: createDelete(lab),
  })
}

/** A tagged network on the same wire. It ends at the nodes: the host has no address on it, hence no gateway. */
function addVlanNetwork(stack: TerraformStack, lab: Lab, vlan: VlanNetwork): void {
  const network = new NetworkingNetworkV2(stack, 'vlan_network', {
    name: vlan.name,
    description: markOf(lab),
    adminStateUp: true,
    shared: true,
    segments: [{ physicalNetwork: 'provider', networkType: 'vlan', segmentationId: vlan.id }],
    timeouts: createDelete(lab),
  })
  new NetworkingSubnetV2(stack, 'vlan_subnet', {
    name: `${vlan.name}-v4`,
    description: markOf(lab),
    networkId: network.id,
    ipVersion: 4,
    cidr: vlan.cidr,
    noGateway: true,
    allocationPool: [{ start: vlan.poolStart, end: vlan.poolEnd }],
    timeouts: createDelete(lab),
  })
}

/** Lets ping and ssh in; Neutron itself adds the rules that let everything out. */
function addSecurityGroup(stack: TerraformStack, lab: Lab): NetworkingSecgroupV2 {
  const group = new NetworkingSecgroupV2(stack, 'security_group', {
    name: 'ping-and-ssh',
    description: markOf(lab),
    timeouts: { delete: within(lab, 5) },
  })
  const rule = { direction: 'ingress', ethertype: 'IPv4', securityGroupId: group.id, description: markOf(lab) }
  const timeouts = { delete: within(lab, 5) }
  new NetworkingSecgroupRuleV2(stack, 'allow_icmp', { ...rule, protocol: 'icmp', timeouts })
  new NetworkingSecgroupRuleV2(stack, 'allow_ssh', {
    ...rule,
    protocol: 'tcp',
    portRangeMin: 22,
    portRangeMax: 22,
    timeouts,
  })
  return group
}

/** The instance's port is a resource of its own: naming the subnet, it cannot be made before there are addresses. */
function addPort(
  stack: TerraformStack,
  lab: Lab,
  subnet: NetworkingSubnetV2,
  group: NetworkingSecgroupV2,
): NetworkingPortV2 {
  return new NetworkingPortV2(stack, 'server_port', {
    name: `${lab.cloud.server.name}-port`,
    description: markOf(lab),
    networkId: subnet.networkId,
    adminStateUp: true,
    fixedIp: [{ subnetId: subnet.id }],
    securityGroupIds: [group.id],
    timeouts: createDelete(lab),
  })
}

/** The key that opens nodes and instance alike; its comment carries the lab's mark, as Nova has no other field for it. */
function publicKey(lab: Lab): string {
  const file = join(lab.paths.ssh, 'id_ed25519.pub')
  const key = existsSync(file) ? readFileSync(file, 'utf8') : previewKey
  return `${key.trim().split(/\s+/).slice(0, 2).join(' ')} ${markOf(lab)}`
}

function addServer(stack: TerraformStack, lab: Lab, port: NetworkingPortV2): ComputeInstanceV2 {
  const image = new ImagesImageV2(stack, 'image', {
    name: 'duostack-test',
    localFilePath: lab.paths.testImage,
    containerFormat: 'bare',
    diskFormat: 'qcow2',
    visibility: 'public',
    tags: [tagOf(lab)],
    timeouts: { create: within(lab, 5) },
  })
  const { flavor } = lab.cloud
  const size = { vcpus: flavor.vcpus, ram: flavor.ramMiB, disk: flavor.diskGiB }
  const kind = new ComputeFlavorV2(stack, 'flavor', {
    name: flavor.name,
    description: markOf(lab),
    isPublic: true,
    ...size,
  })
  const keypair = new ComputeKeypairV2(stack, 'keypair', { name: 'duostack', publicKey: publicKey(lab) })
  return new ComputeInstanceV2(stack, 'server', {
    name: lab.cloud.server.name,
    imageId: image.id,
    flavorId: kind.id,
    keyPair: keypair.name,
    network: [{ port: port.id }],
    metadata: metadataOf(lab),
    timeouts: { create: within(lab, 10), update: within(lab, 10), delete: within(lab, 5) },
    // A new image would be a rebuild in place and a new key no change at all (the name stays). A test instance holds
    // nothing: a new one proves the whole way from the scheduler to the lease again.
    lifecycle: { replaceTriggeredBy: [reference(image, 'id'), reference(keypair, 'public_key')] },
  })
}

/** `type.name.attribute`, the bare form that replace_triggered_by asks for. */
function reference(resource: TerraformResource, attribute: string): string {
  return `${resource.terraformResourceType}.${resource.friendlyUniqueId}.${attribute}`
}

function addVolume(stack: TerraformStack, lab: Lab, server: ComputeInstanceV2): void {
  const volume = new BlockstorageVolumeV3(stack, 'volume', {
    name: `${lab.cloud.server.name}-volume`,
    description: markOf(lab),
    size: lab.cloud.volumeGiB,
    timeouts: createDelete(lab),
  })
  new ComputeVolumeAttachV2(stack, 'volume_attachment', {
    instanceId: server.id,
    volumeId: volume.id,
    timeouts: createDelete(lab),
  })
}

/**
 * Stack `cloud`: the objects in the finished OpenStack, created by its provider: image, networks, volume, test
 * instances.
 */

import { existsSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { BlockstorageVolumeV3 } from '@cdktf/provider-openstack/blockstorage-volume-v3'
import { ComputeFlavorV2 } from '@cdktf/provider-openstack/compute-flavor-v2'
import { ComputeInstanceV2 } from '@cdktf/provider-openstack/compute-instance-v2'
import { ComputeKeypairV2 } from '@cdktf/provider-openstack/compute-keypair-v2'
import { ComputeVolumeAttachV2 } from '@cdktf/provider-openstack/compute-volume-attach-v2'
import { ImagesImageV2 } from '@cdktf/provider-openstack/images-image-v2'
import type { NetworkingPortV2 } from '@cdktf/provider-openstack/networking-port-v2'
import { OpenstackProvider } from '@cdktf/provider-openstack/provider'
import { TerraformOutput, type TerraformResource, TerraformStack } from 'cdktf'
import type { Construct } from 'constructs'
import { markOf, metadataOf, tagOf } from '../scripts/cloud/mark.ts'
import { hasTestVolume, testServers } from '../scripts/cloud/test-servers.ts'
import type { Lab } from '../scripts/declaration/lab.ts'
import { timeouts } from '../scripts/run/timeouts.ts'
import { addPort, addProviderNetwork, addSecurityGroup, addVlanNetwork } from './cloud-networks.ts'
import { addFloatingIp, addProjectNetwork } from './cloud-self-service.ts'
import { createDelete, within } from './cloud-timeouts.ts'

/** Used if `prepare` has not created a key yet, so that the stack can be viewed before the first `up`. */
const previewKey = 'ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA'

/**
 * The cloud's own objects. Contains no data source and no credential: it can be planned without a cloud, and the
 * provider signs in through OS_CLIENT_CONFIG_FILE and OS_CLOUD. The construct ids are a contract: changing one replaces
 * its object.
 */
export class CloudStack extends TerraformStack {
  constructor(scope: Construct, id: string, lab: Lab) {
    super(scope, id)
    // Set here, because OS_CLOUD and OS_REGION_NAME in the user's shell would override the lab's clouds.yaml.
    new OpenstackProvider(this, 'openstack', { cloud: 'duostack', region: lab.region })
    const { vlan } = lab.networks
    const provider = addProviderNetwork(this, lab)
    const project = lab.networking === 'self-service' ? addProjectNetwork(this, lab, provider) : undefined
    const subnets = {
      provider,
      ...(vlan ? { vlan: addVlanNetwork(this, lab, vlan) } : {}),
      ...(project ? { project: project.subnet } : {}),
    }
    const group = addSecurityGroup(this, lab)
    const likeness = addLikeness(this, lab)
    const servers = testServers(lab).map(({ key, network, name }) => {
      const port = addPort(this, lab, `${key}_port`, name, subnets[network]!, group)
      if (project && network === 'project') addFloatingIp(this, lab, provider, port, project.routed)
      return addServer(this, lab, key, name, port, likeness)
    })
    const [first] = servers
    if (hasTestVolume(lab)) addVolume(this, lab, first!)
    new TerraformOutput(this, 'server_address', { value: first!.accessIpV4, description: 'ssh root@ this address' })
  }
}

/** The key for nodes and instances; its comment contains the lab's mark, as Nova has no other field for it. */
function publicKey(lab: Lab): string {
  const file = join(lab.paths.ssh, 'id_ed25519.pub')
  const key = existsSync(file) ? readFileSync(file, 'utf8') : previewKey
  return `${key.trim().split(/\s+/).slice(0, 2).join(' ')} ${markOf(lab)}`
}

/** What all test instances have in common. */
interface Likeness {
  image: ImagesImageV2
  flavor: ComputeFlavorV2
  keypair: ComputeKeypairV2
}

function addLikeness(stack: TerraformStack, lab: Lab): Likeness {
  const { name, vcpus, ramMiB, diskGiB } = lab.cloud.flavor
  return {
    image: new ImagesImageV2(stack, 'image', {
      name: 'duostack-test',
      localFilePath: lab.paths.testImage,
      containerFormat: 'bare',
      diskFormat: 'qcow2',
      visibility: 'public',
      tags: [tagOf(lab)],
      timeouts: { create: within(lab, timeouts.cloud.object) },
    }),
    flavor: new ComputeFlavorV2(stack, 'flavor', {
      name,
      description: markOf(lab),
      isPublic: true,
      vcpus,
      ram: ramMiB,
      disk: diskGiB,
    }),
    keypair: new ComputeKeypairV2(stack, 'keypair', { name: 'duostack', publicKey: publicKey(lab) }),
  }
}

function addServer(
  stack: TerraformStack,
  lab: Lab,
  id: string,
  name: string,
  port: NetworkingPortV2,
  { image, flavor, keypair }: Likeness,
): ComputeInstanceV2 {
  return new ComputeInstanceV2(stack, id, {
    name,
    imageId: image.id,
    flavorId: flavor.id,
    keyPair: keypair.name,
    network: [{ port: port.id }],
    metadata: metadataOf(lab),
    timeouts: {
      create: within(lab, timeouts.cloud.server),
      update: within(lab, timeouts.cloud.server),
      delete: within(lab, timeouts.cloud.object),
    },
    // Otherwise a new image would rebuild the server in place, and a new key would change nothing (its name stays). A
    // test instance holds no data, and a new one tests the whole path again, from the scheduler to the lease.
    lifecycle: { replaceTriggeredBy: [reference(image, 'id'), reference(keypair, 'public_key')] },
  })
}

/** `type.name.attribute`, the form without `${}` that replace_triggered_by requires. */
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

/**
 * Stack `cloud`: the objects in the finished OpenStack, created by its provider: image, networks, volume, test
 * instances.
 */

import { BlockstorageVolumeV3 } from '@cdktf/provider-openstack/blockstorage-volume-v3'
import type { ComputeInstanceV2 } from '@cdktf/provider-openstack/compute-instance-v2'
import { ComputeVolumeAttachV2 } from '@cdktf/provider-openstack/compute-volume-attach-v2'
import { OpenstackProvider } from '@cdktf/provider-openstack/provider'
import { TerraformOutput, TerraformStack } from 'cdktf'
import type { Construct } from 'constructs'
import { markOf } from '../scripts/cloud/mark.ts'
import { hasTestVolume, testServers } from '../scripts/cloud/test-servers.ts'
import { demoName, type Lab } from '../scripts/declaration/lab.ts'
import { addPort, addProviderNetwork, addSecurityGroup, addVlanNetwork } from './cloud-networks.ts'
import { addSelfService } from './cloud-self-service.ts'
import { addLikeness, addServer } from './cloud-servers.ts'
import { createDelete } from './cloud-timeouts.ts'

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
    // For what the user demo makes. Declared always, because Terraform needs it also to remove that.
    const demo = { alias: demoName, cloud: lab.services.demo ? demoName : 'duostack', region: lab.region }
    const asDemo = new OpenstackProvider(this, 'demo', demo)
    const { vlan } = lab.networks
    const provider = addProviderNetwork(this, lab)
    const subnets = { provider, ...(vlan ? { vlan: addVlanNetwork(this, lab, vlan) } : {}) }
    const own = { group: addSecurityGroup(this, lab), likeness: addLikeness(this, lab) }
    const servers = testServers(lab).map(({ key, network, name }) => {
      if (network === 'project') return addSelfService(this, lab, { key, name, provider, asDemo, ...own })
      const port = addPort(this, lab, `${key}_port`, name, subnets[network]!, own.group)
      return addServer(this, lab, key, name, port, own.likeness)
    })
    const [first] = servers
    if (hasTestVolume(lab)) addVolume(this, lab, first!)
    new TerraformOutput(this, 'server_address', { value: first!.accessIpV4, description: 'ssh root@ this address' })
  }
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

/** The test instances, and what all of them have in common: image, flavor, key. */

import { existsSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { ComputeFlavorV2 } from '@cdktf/provider-openstack/compute-flavor-v2'
import { ComputeInstanceV2 } from '@cdktf/provider-openstack/compute-instance-v2'
import { ComputeKeypairV2 } from '@cdktf/provider-openstack/compute-keypair-v2'
import { ImagesImageV2 } from '@cdktf/provider-openstack/images-image-v2'
import type { NetworkingPortV2 } from '@cdktf/provider-openstack/networking-port-v2'
import type { OpenstackProvider } from '@cdktf/provider-openstack/provider'
import type { TerraformResource, TerraformStack } from 'cdktf'
import { markOf, metadataOf, tagOf } from '../scripts/cloud/mark.ts'
import type { Lab } from '../scripts/declaration/lab.ts'
import { timeouts } from '../scripts/run/timeouts.ts'
import { within } from './cloud-timeouts.ts'

/** Who makes a resource: the admin, if no provider is given. */
export interface Owner {
  provider?: OpenstackProvider
}

/** Used if `prepare` has not created a key yet, so that the stack can be viewed before the first `up`. */
const previewKey = 'ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA'

/** The key for nodes and instances; its comment contains the lab's mark, as Nova has no other field for it. */
export function publicKey(lab: Lab): string {
  const file = join(lab.paths.ssh, 'id_ed25519.pub')
  const key = existsSync(file) ? readFileSync(file, 'utf8') : previewKey
  return `${key.trim().split(/\s+/).slice(0, 2).join(' ')} ${markOf(lab)}`
}

/** What all test instances have in common. */
export interface Likeness {
  image: ImagesImageV2
  flavor: ComputeFlavorV2
  keypair: ComputeKeypairV2
}

export function addLikeness(stack: TerraformStack, lab: Lab): Likeness {
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

export function addServer(
  stack: TerraformStack,
  lab: Lab,
  id: string,
  name: string,
  port: NetworkingPortV2,
  { image, flavor, keypair, ...owner }: Likeness & Owner,
): ComputeInstanceV2 {
  return new ComputeInstanceV2(stack, id, {
    ...owner,
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

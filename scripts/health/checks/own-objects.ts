/** Whether the cloud still has everything that the lab itself made in it: a user can delete any of it. */

import type { CloudClient } from '../../cloud/client.ts'
import type { Observation } from '../../run/check.ts'
import { timeouts } from '../../run/timeouts.ts'
import { readState, type StateResource } from '../../terraform/state.ts'
import type { LabCheck } from '../check.ts'

/** Terraform's type -> catalog type, where one of them is found by its id, and what people call it. */
const kinds: Readonly<Record<string, readonly [type: string, path: string, word: string]>> = {
  openstack_networking_network_v2: ['network', '/v2.0/networks', 'network'],
  openstack_networking_subnet_v2: ['network', '/v2.0/subnets', 'subnet'],
  openstack_networking_port_v2: ['network', '/v2.0/ports', 'port'],
  openstack_networking_secgroup_v2: ['network', '/v2.0/security-groups', 'security group'],
  openstack_networking_secgroup_rule_v2: ['network', '/v2.0/security-group-rules', 'security group rule'],
  openstack_networking_router_v2: ['network', '/v2.0/routers', 'router'],
  openstack_networking_floatingip_v2: ['network', '/v2.0/floatingips', 'floating IP'],
  openstack_compute_flavor_v2: ['compute', '/flavors', 'flavor'],
  openstack_compute_instance_v2: ['compute', '/servers', 'instance'],
  openstack_images_image_v2: ['image', '/v2/images', 'image'],
  openstack_blockstorage_volume_v3: ['volumev3', '/volumes', 'volume'],
}

/** Gone: answered with 404. A service that does not answer is the endpoints' affair. */
async function isGone(cloud: CloudClient, { type, attributes }: StateResource): Promise<boolean> {
  const [service, path] = kinds[type]!
  const answer = cloud.get(service, `${path}/${String(attributes['id'])}`, { allow: [404] })
  return answer.then(
    (found) => found === undefined,
    () => false,
  )
}

/** No line while everything is there: it is the lab's own, and its instance and volume have lines of their own. */
export const ownObjectsCheck: LabCheck = {
  id: 'own-objects',
  what: () => 'the cloud has everything that the lab made in it',
  timeoutSeconds: timeouts.verify.others.seconds,
  async observe({ lab, cloud: signIn }) {
    const cloud = await signIn()
    const own = readState(lab, 'cloud').filter(({ type, attributes }) => kinds[type] && attributes['id'])
    const gone = await Promise.all(own.map((one) => isGone(cloud, one)))
    return own
      .filter((_, index) => gone[index])
      .map(
        ({ type, name }): Observation => ({
          id: `own-objects/${type}.${name}`,
          what: `the lab's own ${kinds[type]![2]} ${name}`,
          ok: false,
          seen: 'missing: somebody deleted it',
          next: './lab up',
        }),
      )
  },
}

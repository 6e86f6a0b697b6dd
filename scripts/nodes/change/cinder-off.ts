/** Switches Cinder off: removes the lab's own test volume while Cinder still answers. Users' volumes are kept. */

import type { CloudClient } from '../../cloud/client.ts'
import { markOf } from '../../cloud/mark.ts'
import { readMarkedObjects } from '../../cloud/marked-objects.ts'
import { removeObjects } from '../../cloud/orphans.ts'
import { LabError } from '../../declaration/errors.ts'
import type { Lab } from '../../declaration/lab.ts'
import type { Progress } from '../../run/progress.ts'
import { forgetResources, readState } from '../../terraform/state.ts'
import { listVolumes, showNamed, type Volume } from './tenants.ts'

/** What of the stack `cloud` needs Cinder; its kinds in Terraform and in `readMarkedObjects`. */
const kinds = [
  'openstack_compute_volume_attach_v2',
  'openstack_blockstorage_snapshot_v3',
  'openstack_blockstorage_volume_v3',
]

/** Throws LabError naming users' attached volumes: without Cinder their servers could not even be deleted. */
function checkAttached(volumes: readonly Volume[], lab: Lab): void {
  const held = volumes.filter(({ attachments, description }) => attachments.length > 0 && description !== markOf(lab))
  if (held.length === 0) return
  throw new LabError([
    {
      where: 'lab_services.cinder: false',
      given: `volumes are attached to servers: ${held.map(showNamed).join(', ')}`,
      allowed: "no attached volumes except the lab's own",
      remedy: './lab openstack server remove volume SERVER VOLUME for each of them',
    },
  ])
}

/** Terraform could not do it: when it reaches the stack `cloud`, Cinder is no longer in the catalog. */
export async function emptyCinder(lab: Lab, cloud: CloudClient, progress: Progress): Promise<void> {
  const volumes = await listVolumes(cloud)
  checkAttached(volumes, lab)
  const kept = volumes.filter(({ description }) => description !== markOf(lab))
  if (kept.length > 0) progress.line(`  kept until Cinder is on again: ${kept.map(showNamed).join(', ')}`)
  await progress.step('remove the test volume', async () => {
    const withCinder = { ...lab, services: { ...lab.services, cinder: true } }
    const marked = await readMarkedObjects(cloud, withCinder)
    await removeObjects(
      cloud,
      lab,
      marked.filter(({ type }) => kinds.includes(type)),
    )
    const known = readState(lab, 'cloud').filter(({ type }) => kinds.includes(type))
    await forgetResources(
      lab,
      'cloud',
      known.map(({ address }) => address),
    )
  })
}

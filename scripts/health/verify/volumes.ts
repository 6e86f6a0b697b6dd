/** `./lab verify --volumes`: all that a volume can do, done once with objects of its own, which are gone afterwards. */

import type { CloudClient } from '../../cloud/client.ts'
import { type MarkedObject, readMarkedObjects } from '../../cloud/marked-objects.ts'
import { removeObjects } from '../../cloud/orphans.ts'
import { testServers } from '../../cloud/test-servers.ts'
import { lookAtVolumes } from '../../cloud/volumes.ts'
import { LabError, NotReadyError } from '../../declaration/errors.ts'
import type { Lab } from '../../declaration/lab.ts'
import { failed, type Observation } from '../../run/check.ts'
import type { Watch } from '../check.ts'
import { observeChain } from './chain.ts'
import type { Guest } from './guest-disk.ts'
import { addressOf, readConsole, readServer } from './instance.ts'
import { backupLinks } from './volume-backup.ts'
import { bootLinks } from './volume-boot.ts'
import { dataLinks } from './volume-data.ts'

/** Of this lab's mark they carry the lab, of this name the command: nothing else is ever removed by it. */
const prefix = 'verify-volumes-'

/** What this command has made and is still there, each before what it rests on. */
async function readOwn(cloud: CloudClient, lab: Lab): Promise<MarkedObject[]> {
  const marked = await readMarkedObjects(cloud, lab)
  const own = marked.filter(({ name }) => name.startsWith(prefix))
  const isOfOwn = ({ id }: MarkedObject) => own.some((volume) => id.endsWith(`/${volume.id}`))
  const attachments = marked.filter((one) => one.type === 'openstack_compute_volume_attach_v2' && isOfOwn(one))
  // The root disk of an instance cannot be detached: it goes with it.
  const servers = own.filter(({ type }) => type === 'openstack_compute_instance_v2')
  const isRoot = ({ id }: MarkedObject) => servers.some((server) => id.startsWith(`${server.id}/`))
  return [...attachments.filter((one) => !isRoot(one)), ...own]
}

async function readGuest(cloud: CloudClient, lab: Lab): Promise<Guest> {
  const name = testServers(lab)[0]!.name
  const server = await readServer(lab, cloud, name)
  if (server?.status !== 'ACTIVE') {
    throw new NotReadyError(`instance ${name} ACTIVE`, 0, server?.status ?? 'no such instance', './lab up')
  }
  return { id: server.id, address: addressOf(server), console: await readConsole(cloud, server) }
}

/** Whatever happened before: an error here is a line of its own. */
async function cleanUp(cloud: CloudClient, lab: Lab): Promise<Observation> {
  const about = { id: 'volumes/removed', what: 'everything that was created for this is removed again' }
  try {
    const own = await readOwn(cloud, lab)
    await removeObjects(cloud, lab, own)
    const left = await readOwn(cloud, lab)
    const seen = left.length ? left.map(({ name }) => name).join(', ') : `${own.length} objects removed, none left`
    return { ...about, ok: left.length === 0, seen, next: lookAtVolumes(lab) }
  } catch (error) {
    return failed(about, error)
  }
}

async function beginClean(cloud: CloudClient, lab: Lab): Promise<Observation[]> {
  const own = await readOwn(cloud, lab)
  if (own.length === 0) return []
  await removeObjects(cloud, lab, own)
  const about = { id: 'volumes/left', what: 'the remains of an interrupted run are removed' }
  return [{ ...about, ok: true, seen: own.map(({ name }) => name).join(', '), next: '' }]
}

/**
 * Two chains side by side, and one of backups where the lab has them, and in the end the removal, also where a line did not hold. Takes a minute or two at native
 * speed. Throws LabError if the lab has no volumes.
 */
export async function observeVolumes(watch: Watch, note: (what: string) => void): Promise<Observation[]> {
  const { lab } = watch
  if (!lab.services.cinder) {
    const where = 'lab_services.cinder in ansible-vars/group_vars/all.yml'
    throw new LabError([{ where, given: 'off', allowed: 'on: without it there are no volumes', remedy: './lab up' }])
  }
  try {
    const cloud = await watch.cloud()
    const before = await beginClean(cloud, lab)
    const run = { lab, cloud, guest: await readGuest(cloud, lab), prefix }
    const next = lookAtVolumes(lab)
    const all = [dataLinks(run), bootLinks(run), ...(lab.volumeBackup ? [backupLinks(run)] : [])]
    const chains = await Promise.all(all.map((links) => observeChain(links, next, note)))
    note('cleaning up')
    return [...before, ...chains.flat(), await cleanUp(cloud, lab)]
  } catch (error) {
    return [failed({ id: 'volumes', what: 'the cloud and the test instance are ready for this' }, error)]
  }
}

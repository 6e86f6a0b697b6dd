/**
 * Volumes over REST: each one is created with the lab's mark, and each request is followed until Cinder has finished
 * it.
 */

import { type Lab, nodesWith } from '../declaration/lab.ts'
import { timeouts } from '../run/timeouts.ts'
import { waitFor } from '../run/wait-for.ts'
import type { CloudClient } from './client.ts'
import { markOf } from './mark.ts'
import { lookAtUnit } from './where-to-look.ts'

export interface Volume {
  id: string
  name: string
  status: string
  size: number
  volume_type: string
  bootable: string
  attachments: { server_id: string }[]
  'os-vol-host-attr:host'?: string
}

/** Of what a volume is made; of nothing, it is empty. */
export interface VolumeSource {
  imageRef?: string
  snapshot_id?: string
  source_volid?: string
}

/** Where a person looks when a volume does not become what it should. */
export function lookAtVolumes(lab: Lab): string {
  const storage = nodesWith(lab, 'storage')[0]?.name ?? 'controller'
  return `./lab openstack volume list --all-projects; ${lookAtUnit(storage, 'cinder-volume', '/var/log/cinder/cinder-volume.log')}`
}

/** Reads until `done`; stops at once if Cinder has failed (a status that starts with `error`). */
async function follow<T extends { status: string; fail_reason?: string | null }>(
  lab: Lab,
  what: string,
  read: () => Promise<T>,
  done: (now: T) => boolean,
): Promise<T> {
  const wait = { what, timeoutSeconds: timeouts.cloud.volume.seconds, next: lookAtVolumes(lab), pauseSeconds: 0.5 }
  return waitFor(lab, wait, async () => {
    const now = await read()
    const said = now.fail_reason ? `${now.status}: ${now.fail_reason}` : now.status
    return done(now) ? { found: now } : { now: said, lost: now.status.startsWith('error') }
  })
}

export async function readVolume(cloud: CloudClient, id: string): Promise<Volume> {
  return (await cloud.get<{ volume: Volume }>('volumev3', `/volumes/${id}`)).volume
}

export function waitForVolume(cloud: CloudClient, lab: Lab, id: string, status: string): Promise<Volume> {
  const read = () => readVolume(cloud, id)
  return follow(lab, `volume ${id} ${status}`, read, (now) => now.status === status)
}

export async function createVolume(
  cloud: CloudClient,
  lab: Lab,
  { name, size, source = {} }: { name: string; size: number; source?: VolumeSource },
): Promise<Volume> {
  const body = { volume: { name, size, description: markOf(lab), ...source } }
  const { volume } = await cloud.post<{ volume: Volume }>('volumev3', '/volumes', { body })
  return waitForVolume(cloud, lab, volume.id, 'available')
}

export async function extendVolume(cloud: CloudClient, lab: Lab, id: string, size: number): Promise<Volume> {
  await cloud.post('volumev3', `/volumes/${id}/action`, { body: { 'os-extend': { new_size: size } } })
  const read = () => readVolume(cloud, id)
  const isDone = (now: Volume) => now.status === 'available' && now.size === size
  return follow(lab, `volume ${id} extended to ${size} GiB`, read, isDone)
}

export async function createSnapshot(cloud: CloudClient, lab: Lab, name: string, volume: string): Promise<string> {
  const body = { snapshot: { name, volume_id: volume, description: markOf(lab) } }
  const { snapshot } = await cloud.post<{ snapshot: { id: string } }>('volumev3', '/snapshots', { body })
  const path = `/snapshots/${snapshot.id}`
  const read = async () => (await cloud.get<{ snapshot: { status: string } }>('volumev3', path)).snapshot
  await follow(lab, `snapshot ${name} available`, read, (now) => now.status === 'available')
  return snapshot.id
}

/** What of a volume is saved: itself, also while an instance has it, or a snapshot of it. */
export interface BackupSource {
  volume: string
  snapshot?: string
  attached?: boolean
}

interface Backup {
  status: string
  fail_reason?: string | null
}

/** Gives its id; Cinder's own reason where it says one. */
export async function createBackup(
  cloud: CloudClient,
  lab: Lab,
  name: string,
  { volume, snapshot, attached }: BackupSource,
): Promise<string> {
  const source = { volume_id: volume, ...(snapshot ? { snapshot_id: snapshot } : {}), force: attached === true }
  const body = { backup: { name, description: markOf(lab), ...source } }
  const { backup } = await cloud.post<{ backup: { id: string } }>('volumev3', '/backups', { body })
  await waitForBackup(cloud, lab, backup.id)
  return backup.id
}

function waitForBackup(cloud: CloudClient, lab: Lab, id: string): Promise<Backup> {
  const read = async () => (await cloud.get<{ backup: Backup }>('volumev3', `/backups/${id}`)).backup
  return follow(lab, `backup ${id} available`, read, (now) => now.status === 'available')
}

/** Over what is on the volume, which is at least as large. */
export async function restoreBackup(cloud: CloudClient, lab: Lab, backup: string, volume: string): Promise<void> {
  await cloud.post('volumev3', `/backups/${backup}/restore`, { body: { restore: { volume_id: volume } } })
  await waitForBackup(cloud, lab, backup)
  await waitForVolume(cloud, lab, volume, 'available')
}

/** By Nova, as a user does it. */
export async function attachVolume(cloud: CloudClient, lab: Lab, server: string, volume: string): Promise<void> {
  const body = { volumeAttachment: { volumeId: volume } }
  await cloud.post('compute', `/servers/${server}/os-volume_attachments`, { body })
  await waitForVolume(cloud, lab, volume, 'in-use')
}

export async function detachVolume(cloud: CloudClient, lab: Lab, server: string, volume: string): Promise<void> {
  await cloud.delete('compute', `/servers/${server}/os-volume_attachments/${volume}`)
  await waitForVolume(cloud, lab, volume, 'available')
}

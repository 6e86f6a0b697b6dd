/** `./lab verify --volumes`, first half: what is written to a volume is there again, and in whatever is made of it. */

import type { CloudClient } from '../../cloud/client.ts'
import {
  attachVolume,
  createSnapshot,
  createVolume,
  detachVolume,
  extendVolume,
  readVolume,
  type Volume,
} from '../../cloud/volumes.ts'
import type { Lab } from '../../declaration/lab.ts'
import { backendOf } from '../../services/cinder-backend.ts'
import { gibibyte } from '../../terminal/amounts.ts'
import { expectSeen, type Link } from './chain.ts'
import { type Guest, newContent, readContent, waitForDisk, waitForNoDisk, writeContent } from './guest-disk.ts'

export interface VolumeRun {
  lab: Lab
  cloud: CloudClient
  /** The test instance. */
  guest: Guest
  /** Begins the name of everything that is made. */
  prefix: string
}

const inGiB = (bytes: number) => `${bytes / gibibyte} GiB`

/** Throws where the guest reads anything else. */
export async function seeContent({ lab, guest }: VolumeRun, volume: string, content: string): Promise<string> {
  const blocks = await readContent(lab, guest, volume)
  const same = blocks.filter((block) => block === content).length
  const first = blocks.find((block) => block !== content)
  const other = first === undefined ? '' : `: ${first.slice(0, 16) || 'nothing'}… instead of ${content.slice(0, 16)}…`
  return expectSeen(same === blocks.length, `${same} of ${blocks.length} blocks as written${other}`)
}

export async function attachAndSee({ lab, cloud, guest }: VolumeRun, volume: string) {
  await attachVolume(cloud, lab, guest.id, volume)
  return waitForDisk(lab, guest, volume)
}

export async function detachAndSee({ lab, cloud, guest }: VolumeRun, volume: string): Promise<void> {
  await detachVolume(cloud, lab, guest.id, volume)
  await waitForNoDisk(lab, guest, volume)
}

interface VolumeTypes {
  volume_types: { name: string; extra_specs: Record<string, string> }[]
}

async function seeType({ lab, cloud }: VolumeRun): Promise<string> {
  const { name } = backendOf(lab)
  const { volume_types: types } = await cloud.get<VolumeTypes>('volumev3', '/types?is_public=None')
  const backend = types.find((one) => one.name === name)?.extra_specs['volume_backend_name']
  return expectSeen(backend === name, `volume_backend_name ${backend ?? 'missing'}`)
}

/** Cinder says of a volume where it is: `controller@lvm#lvm`, node, section of cinder.conf, backend. */
function seePlace({ lab }: VolumeRun, volume: Volume): string {
  const { name } = backendOf(lab)
  const host = volume['os-vol-host-attr:host'] ?? ''
  return expectSeen(volume.volume_type === name && host.includes(`@${name}#`), `type ${volume.volume_type}, on ${host}`)
}

export function dataLinks(run: VolumeRun): Link[] {
  const { lab, cloud, prefix } = run
  const content = newContent()
  const backend = backendOf(lab).name
  const ids = { first: '', clone: '', copy: '' }
  let snapshot = ''
  const make = async (name: keyof typeof ids, size: number, source = {}) => {
    const volume = await createVolume(cloud, lab, { name: `${prefix}${name}`, size, source })
    ids[name] = volume.id
    return volume
  }
  return [
    { id: 'volumes/type', what: `volume type ${backend} names its backend`, see: () => seeType(run) },
    {
      id: 'volumes/made',
      what: 'a volume of 1 GiB is created on that backend',
      see: async () => seePlace(run, await make('first', 1)),
    },
    {
      id: 'volumes/attached',
      what: 'it is attached: the instance sees it',
      see: async () => {
        const { name, bytes } = await attachAndSee(run, ids.first)
        return expectSeen(bytes === gibibyte, `${name}, ${inGiB(bytes)}`)
      },
    },
    {
      id: 'volumes/written',
      what: 'the instance writes to it',
      see: async () => {
        await writeContent(lab, run.guest, ids.first, content)
        return seeContent(run, ids.first, content)
      },
    },
    {
      id: 'volumes/detached',
      what: 'it is detached: the instance no longer sees it',
      see: async () => {
        await detachAndSee(run, ids.first)
        return `${(await readVolume(cloud, ids.first)).attachments.length} attachments`
      },
    },
    {
      id: 'volumes/attached-again',
      what: 'attached again, it has the same data',
      see: async () => {
        await attachAndSee(run, ids.first)
        return seeContent(run, ids.first, content)
      },
    },
    {
      id: 'volumes/cloned',
      what: 'a clone of it is created',
      see: async () => {
        await detachAndSee(run, ids.first)
        // Before there is a snapshot: see docs/guide/volumes.md for what the shared backend cannot clone.
        return seePlace(run, await make('clone', 1, { source_volid: ids.first }))
      },
    },
    {
      id: 'volumes/extended',
      what: 'it is extended to 2 GiB',
      see: async () => `${(await extendVolume(cloud, lab, ids.first, 2)).size} GiB`,
    },
    {
      id: 'volumes/snapshot',
      what: 'a snapshot of it is created',
      see: async () => {
        snapshot = await createSnapshot(cloud, lab, `${prefix}snapshot`, ids.first)
        return `snapshot ${snapshot}`
      },
    },
    {
      id: 'volumes/from-snapshot',
      what: 'a volume is created from the snapshot',
      see: async () => seePlace(run, await make('copy', 2, { snapshot_id: snapshot })),
    },
    ...(['first', 'clone', 'copy'] as const).map((name) => ({
      id: `volumes/seen-again/${name}`,
      what: seenAgain[name],
      see: async () => {
        const { bytes } = await attachAndSee(run, ids[name])
        const seen = await seeContent(run, ids[name], content)
        await detachAndSee(run, ids[name])
        return expectSeen(bytes === (name === 'clone' ? 1 : 2) * gibibyte, `${inGiB(bytes)}, ${seen}`)
      },
    })),
  ]
}

const seenAgain = {
  first: 'the extended volume has its new size in the instance, and the same data',
  clone: 'the clone has the same data',
  copy: 'the volume from the snapshot has the same data',
}

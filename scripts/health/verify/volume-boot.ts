/** `./lab verify --volumes`, second half: an instance whose root disk is a volume, and what is left of it afterwards. */

import type { CloudClient } from '../../cloud/client.ts'
import { metadataOf } from '../../cloud/mark.ts'
import type { Server } from '../../cloud/server.ts'
import { attachVolume, createVolume, detachVolume, readVolume, waitForVolume } from '../../cloud/volumes.ts'
import { NotReadyError } from '../../declaration/errors.ts'
import { flatNetwork } from '../../declaration/provider-network.ts'
import { timeouts } from '../../run/timeouts.ts'
import { waitFor } from '../../run/wait-for.ts'
import { expectSeen, type Link } from './chain.ts'
import { waitForDisk, waitForNoDisk } from './guest-disk.ts'
import { addressOf, readConsole } from './instance.ts'
import { type Inside, lookInside } from './instance-ssh.ts'
import type { VolumeRun } from './volume-data.ts'

/** Ids of what the cloud stack has made. */
export async function idOf(
  cloud: CloudClient,
  type: string,
  path: string,
  kind: string,
  name: string,
): Promise<string> {
  const body = await cloud.get<Record<string, { id: string; name: string }[]>>(type, path)
  const found = body[kind]?.find((one) => one.name === name)
  if (found) return found.id
  throw new NotReadyError(`${kind} ${name}`, 0, 'there is none', './lab up')
}

async function createServer({ lab, cloud, prefix }: VolumeRun, volume: string): Promise<string> {
  const [flavor, network] = await Promise.all([
    idOf(cloud, 'compute', '/flavors', 'flavors', lab.cloud.flavor.name),
    idOf(cloud, 'network', `/v2.0/networks?name=${flatNetwork}`, 'networks', flatNetwork),
  ])
  const server = {
    name: `${prefix}server`,
    flavorRef: flavor,
    networks: [{ uuid: network }],
    key_name: 'duostack',
    security_groups: [{ name: 'ping-and-ssh' }],
    metadata: metadataOf(lab),
    // Kept when the instance goes: that it is free then is what is to be seen.
    block_device_mapping_v2: [
      { uuid: volume, source_type: 'volume', destination_type: 'volume', boot_index: 0, delete_on_termination: false },
    ],
  }
  const made = await cloud.post<{ server: { id: string } }>('compute', '/servers', { body: { server } })
  return made.server.id
}

/** Slow work on slow nodes, which has to be paid for each look too. */
const seldom = { longestPauseSeconds: 10 }

async function waitForServer({ lab, cloud }: VolumeRun, id: string): Promise<Server> {
  const wait = {
    what: 'the instance is ACTIVE',
    timeoutSeconds: timeouts.verify.bootFromVolume.seconds,
    next: `./lab openstack server show ${id}`,
    ...seldom,
  }
  return waitFor(lab, wait, async () => {
    const { server } = await cloud.get<{ server: Server }>('compute', `/servers/${id}`)
    const now = `${server.status} ${server.fault?.message ?? ''}`.trim()
    return server.status === 'ACTIVE' ? { found: server } : { now, lost: server.status === 'ERROR' }
  })
}

/** The guest needs its minute to boot; until then ssh is refused, which is an answer like another. */
async function waitInside({ lab, cloud }: VolumeRun, server: Server): Promise<Inside> {
  const next = `./lab openstack console log show ${server.id}`
  return waitFor(
    lab,
    { what: 'ssh into the instance', timeoutSeconds: timeouts.verify.bootFromVolume.seconds, next, ...seldom },
    async () => {
      try {
        const console = await readConsole(cloud, server)
        return { found: await lookInside(lab, server.id, addressOf(server), console) }
      } catch (error) {
        return { now: (error as Error).message.trimEnd().split('\n').at(-1)?.trim() ?? '' }
      }
    },
  )
}

async function deleteServer({ lab, cloud }: VolumeRun, id: string): Promise<void> {
  await cloud.delete('compute', `/servers/${id}`)
  const wait = {
    what: 'the instance is gone',
    timeoutSeconds: timeouts.cloud.removal.seconds,
    next: `./lab openstack server show ${id}`,
    ...seldom,
  }
  await waitFor(lab, wait, async () => {
    const left = await cloud.get<{ server: Server } | undefined>('compute', `/servers/${id}`, { allow: [404] })
    return left ? { now: left.server.status, lost: left.server.status === 'ERROR' } : { found: true }
  })
}

export function bootLinks(run: VolumeRun): Link[] {
  const { lab, cloud, guest, prefix } = run
  const size = Math.max(1, lab.cloud.flavor.diskGiB)
  let volume = ''
  let server = ''
  return [
    {
      id: 'volumes/from-image',
      what: 'a volume is created from the test image',
      see: async () => {
        const source = {
          imageRef: await idOf(cloud, 'image', '/v2/images?name=duostack-test', 'images', 'duostack-test'),
        }
        const made = await createVolume(cloud, lab, { name: `${prefix}root`, size, source })
        volume = made.id
        return expectSeen(made.bootable === 'true', `${made.size} GiB, bootable ${made.bootable}`)
      },
    },
    {
      id: 'volumes/boots',
      what: 'an instance boots from it, with that volume as its only disk',
      see: async () => {
        server = await createServer(run, volume)
        const inside = await waitInside(run, await waitForServer(run, server))
        const seen = inside.disks.map((disk) => `${disk.name} ${disk.serial}`).join(', ')
        return expectSeen(inside.disks.length === 1 && inside.disks[0]?.serial === volume.slice(0, 20), seen)
      },
    },
    {
      id: 'volumes/free-again',
      what: 'after the instance was deleted, its volume is free',
      see: async () => {
        await deleteServer(run, server)
        await waitForVolume(cloud, lab, volume, 'available')
        const { status, attachments } = await readVolume(cloud, volume)
        return expectSeen(attachments.length === 0, `${status}, ${attachments.length} attachments`)
      },
    },
    {
      id: 'volumes/passed-on',
      what: 'and another instance can use it',
      see: async () => {
        await attachVolume(cloud, lab, guest.id, volume)
        const { name } = await waitForDisk(lab, guest, volume)
        await detachVolume(cloud, lab, guest.id, volume)
        await waitForNoDisk(lab, guest, volume)
        return `${name} in the test instance`
      },
    },
  ]
}

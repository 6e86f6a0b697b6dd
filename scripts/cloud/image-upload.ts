/** Uploads one file to Glance, completely or not at all. */

import { createReadStream } from 'node:fs'
import { CommandError } from '../declaration/errors.ts'
import { addedTag, type Image, isUnfinished, readOwnImages } from './added-images.ts'
import type { Checksum } from './checksum.ts'
import type { CloudClient } from './client.ts'
import type { DiskFormat } from './file-signs.ts'

export interface ImagePlan {
  name: string
  file: string
  /** Path or address that the user gave. */
  source: string
  bytes: number
  format: DiskFormat
  minDiskGiB: number
  sums: readonly Checksum[]
  timeoutSeconds: number
}

/** Gives the names of what was removed. */
export async function removeUnfinished(cloud: CloudClient): Promise<string[]> {
  const unfinished = (await readOwnImages(cloud)).filter(isUnfinished)
  for (const { id } of unfinished) await cloud.delete('image', `/v2/images/${id}`, { allow: [404] })
  return unfinished.map(({ name }) => name)
}

/** `onBytes` hears of each piece as it is sent. Throws where Glance then holds something else; nothing of it stays. */
export async function uploadImage(
  cloud: CloudClient,
  plan: ImagePlan,
  onBytes: (count: number) => void,
): Promise<Image> {
  const { name, source, format, minDiskGiB, sums } = plan
  const sha256 = sums.find(({ algorithm }) => algorithm === 'sha256')?.value
  const image = await cloud.post<Image>('image', '/v2/images', {
    body: {
      ...{ name, disk_format: format, container_format: 'bare', visibility: 'public', min_disk: minDiskGiB },
      ...{ tags: [addedTag], duostack_source: source, duostack_sha256: sha256 },
    },
  })
  const path = `/v2/images/${image.id}`
  try {
    await cloud.put('image', `${path}/file`, {
      body: pieces(plan.file, onBytes),
      headers: { 'Content-Type': 'application/octet-stream' },
      timeoutSeconds: plan.timeoutSeconds,
    })
    const held = await cloud.get<Image>('image', path)
    checkHeld(held, plan)
    return held
  } catch (error) {
    await cloud.delete('image', path, { allow: [404] }).catch(() => {})
    throw error
  }
}

async function* pieces(file: string, onBytes: (count: number) => void): AsyncGenerator<Buffer> {
  for await (const piece of createReadStream(file, { highWaterMark: 1 << 20 })) {
    yield piece as Buffer
    onBytes((piece as Buffer).length)
  }
}

function checkHeld({ id, status, os_hash_algo, os_hash_value }: Image, { name, sums }: ImagePlan): void {
  const ours = sums.find(({ algorithm }) => algorithm === os_hash_algo)?.value
  if (status === 'active' && ours !== undefined && os_hash_value === ours) return
  throw new CommandError({
    node: 'glance',
    step: `image ${name}`,
    paste: `./lab openstack image show ${id}`,
    exitCode: 1,
    output: `${status}, ${os_hash_algo} ${os_hash_value}; what was sent has ${ours ?? `no ${os_hash_algo}`}`,
  })
}

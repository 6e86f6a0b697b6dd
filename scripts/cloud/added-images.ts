/** Images that `./lab image add` has uploaded to Glance: how they are recognized, and when another one is refused. */

import type { Finding } from '../declaration/errors.ts'
import { shellQuote } from '../terminal/shell-quote.ts'
import type { Checksum } from './checksum.ts'
import type { CloudClient } from './client.ts'

/** Tag of what a person added: the lab's own mark would have it removed as an orphan. */
export const addedTag = 'duostack-added'

/** What is in Glance of an image. Name, tags and our own properties are whatever its owner has written there. */
export interface Image {
  id: string
  name: string
  status: string
  /** The project's id. */
  owner: string
  tags: readonly string[]
  os_hash_algo?: string | null
  os_hash_value?: string | null
  duostack_sha256?: string
  duostack_source?: string
}

/**
 * Those of the project that is signed in to, page after page. An admin is shown those of every project, too: what they
 * say of themselves proves nothing, and what they are called is no concern of ours.
 */
export async function readOwnImages(cloud: CloudClient): Promise<Image[]> {
  const images: Image[] = []
  let path: string | undefined = '/v2/images?limit=500'
  while (path) {
    const page: { images: Image[]; next?: string } = await cloud.get('image', path)
    images.push(...page.images)
    path = page.next
  }
  return images.filter(({ owner }) => owner === cloud.projectId)
}

/** What a killed run left: incomplete in Glance, and no other run is active, because the lab is locked. */
export function isUnfinished({ status, tags }: Image): boolean {
  return tags.includes(addedTag) && (status === 'queued' || status === 'saving')
}

/** Glance's own hash decides. Where only the other kind is known of the content, what we noted when we sent it does. */
function holds(image: Image, sums: readonly Checksum[]): boolean {
  const hashed = sums.find(({ algorithm }) => algorithm === image.os_hash_algo)
  if (hashed) return hashed.value === image.os_hash_value
  return sums.some(({ algorithm, value }) => algorithm === 'sha256' && image.duostack_sha256 === value)
}

/**
 * `there`: this content has this name already. A finding, without a place: the name is another content's, or the content
 * has another name. Undefined: it may be added. `images` are our own. `sums` is all that is known of the content by now; where that is
 * nothing, what came from the same address under this name before is taken for the same.
 */
export function judgeImages(
  images: readonly Image[],
  { name, source, sums }: { name: string; source: string; sums: readonly Checksum[] },
): 'there' | Omit<Finding, 'where'> | undefined {
  const active = images.filter(({ status }) => status === 'active')
  const same = active.filter((image) => holds(image, sums))
  if (same.some((image) => image.name === name)) return 'there'
  const [other] = same
  if (other) {
    const remedy = `use it as ${other.name}, or rename it: ./lab openstack image set --name ${shellQuote(name)} ${other.id}`
    return { given: `content that is already in Glance as ${other.name}`, allowed: 'each content only once', remedy }
  }
  const namesake = active.find((image) => image.name === name)
  if (namesake && sums.length === 0 && namesake.duostack_source === source) return 'there'
  if (!namesake || sums.length === 0) return undefined
  const remedy = `./lab openstack image delete ${namesake.id}`
  return {
    given: `the name ${name}, which another image already has`,
    allowed: 'a name that no other image has',
    remedy,
  }
}

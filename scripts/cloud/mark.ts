/** How an object in the cloud is marked as this lab's own: by a field that is part of the create request. */

import type { Lab } from '../declaration/lab.ts'

type Marked = Pick<Lab, 'id'>

/** Description of everything that takes one, and the comment of the public key. */
export function markOf(lab: Marked): string {
  return `Duostack lab ${lab.id}`
}

/** Tag of the image: Glance has no description. */
export function tagOf(lab: Marked): string {
  return `duostack-${lab.id}`
}

/** Metadata of the instance. */
export function metadataOf(lab: Marked): Record<string, string> {
  return { duostack_lab: lab.id }
}

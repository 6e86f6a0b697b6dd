/** How a node's domain is called in libvirt, and how it is known as the lab's. */

import type { Lab } from '../declaration/lab.ts'

export const domainName = (lab: Pick<Lab, 'name'>, node: string) => `${lab.name}-${node}`

/** What makes a domain the lab's; written into `<description>`. */
export const domainMark = (id: string) => `duostack lab ${id}`

/** The name of a node's domain in libvirt, and the mark that shows it belongs to the lab. */

import type { Lab } from '../declaration/lab.ts'

export const domainName = (lab: Pick<Lab, 'name'>, node: string) => `${lab.name}-${node}`

/** The mark that makes a domain the lab's; written into `<description>`. */
export const domainMark = (id: string) => `duostack lab ${id}`

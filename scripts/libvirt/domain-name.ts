/** How a node's domain is called in libvirt. */

import type { Lab } from '../declaration/lab.ts'

export const domainName = (lab: Pick<Lab, 'name'>, node: string) => `${lab.name}-${node}`

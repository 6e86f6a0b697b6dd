/** Where libvirt writes the output of a VM's serial console. */

import { join } from 'node:path'
import type { Lab } from '../declaration/lab.ts'

/** Only root can read it. Truncated at every start of the node. */
export const consoleLog = (lab: Pick<Lab, 'paths'>, node: string) => join(lab.paths.data, 'console', `${node}.log`)

/** Finds the kernel in the node image. */

import { readdirSync } from 'node:fs'
import { join } from 'node:path'

/** The version of the one kernel in the tree. */
export function kernelVersion(root: string): string {
  const [version] = readdirSync(join(root, 'lib/modules'))
  if (!version) throw new Error(`no kernel in ${root}`)
  return version
}

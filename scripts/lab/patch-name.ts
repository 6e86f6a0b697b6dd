/** The name of a patch: that of its file, as it is kept on the nodes. */

import { basename } from 'node:path'
import { UsageError } from '../declaration/errors.ts'

/** Throws UsageError for one that cannot be a plain file name there. */
export function patchName(file: string): string {
  const name = basename(file)
  if (/^[\w+][\w.+-]{0,99}$/.test(name)) return name
  const allowed = 'at most 100 letters, digits, dots, hyphens, plus signs and underscores'
  throw new UsageError([
    { where: './lab patch', given: `a file named ${name}`, allowed, remedy: 'copy it to such a name' },
  ])
}

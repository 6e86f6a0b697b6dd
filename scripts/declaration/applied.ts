/**
 * A copy of the declaration as the last `up` took it, in .lab/: what a running lab is, while a mistake stands in
 * ansible-vars/.
 */

import { cpSync, existsSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import { LabError } from './errors.ts'
import { filesOf } from './files-of-declaration.ts'
import { readIdentity } from './identity.ts'
import type { Lab } from './lab.ts'
import { composeLab, loadDeclaration } from './load.ts'

/** A folder with an ansible-vars/ of its own, so that it is loaded and checked like the other one. */
const folderIn = (root: string) => join(root, '.lab', 'applied')

/** Without the secrets. */
export function keepApplied(root: string): void {
  const folder = folderIn(root)
  rmSync(folder, { recursive: true, force: true })
  for (const file of filesOf(root)) cpSync(join(root, file), join(folder, file))
}

/** Undefined without a lab, or without a whole copy, as in a lab that an older Duostack built. */
export function loadAppliedLab(root: string): Lab | undefined {
  const identity = readIdentity(root)
  if (!identity || !existsSync(folderIn(root))) return undefined
  try {
    return composeLab(root, loadDeclaration(folderIn(root)), identity)
  } catch (error) {
    if (error instanceof LabError) return undefined
    throw error
  }
}

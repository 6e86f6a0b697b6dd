/** Terraform and its providers for a bundle. */

import { chmodSync, closeSync, copyFileSync, mkdirSync, openSync, readSync } from 'node:fs'
import { join } from 'node:path'
import { LabError } from '../declaration/errors.ts'
import { readIdentity } from '../declaration/identity.ts'
import type { Progress } from '../run/progress.ts'
import { readTerraformFacts } from '../terraform/facts.ts'
import { obtainOpenTofu } from '../terraform/opentofu.ts'
import { ensureMirror } from '../terraform/providers.ts'

/**
 * Copies the program that this checkout's labs use to `folder/bin`, under the name that is looked for, and fills the cache
 * of providers. Gives the folder. A script in place of the program would call what the other machine does not have.
 */
export async function obtainTerraform(root: string, folder: string, progress: Progress): Promise<string> {
  const facts = await readTerraformFacts(root, readIdentity(root))
  const program = facts.program ?? (await obtainOpenTofu(progress))
  await ensureMirror(program, facts, progress)
  if (!isBinary(program.path)) {
    const allowed = `${program.name} itself on PATH`
    throw new LabError([{ where: program.path, given: 'a script that calls another program', allowed }])
  }
  mkdirSync(join(folder, 'bin'), { recursive: true })
  copyFileSync(program.path, join(folder, 'bin', program.name))
  chmodSync(join(folder, 'bin', program.name), 0o755)
  return folder
}

function isBinary(path: string): boolean {
  const descriptor = openSync(path, 'r')
  try {
    const head = Buffer.alloc(4)
    readSync(descriptor, head)
    return head.toString('latin1') === '\x7fELF'
  } finally {
    closeSync(descriptor)
  }
}

/** What killed commands have begun is finished or taken back by the next one that changes the lab. */

import { readdirSync } from 'node:fs'
import { readIdentity } from '../declaration/identity.ts'
import { loadLabOfId } from '../declaration/load.ts'
import { savesPaths } from '../run/paths.ts'
import type { Progress } from '../run/progress.ts'
import { finishExchange, readExchange } from './exchange.ts'
import { finishImport } from './import-begun.ts'
import { removeSaves } from './tidy.ts'

/** To be called by whoever holds the lab's lock, before anything of the lab is read. Says what it did. */
export async function finishBegun(root: string, progress: Progress): Promise<void> {
  if (readExchange(root)) {
    await progress.step('finish the restore that was interrupted', () => finishExchange(root, progress.line))
  }
  await finishImport(root, progress)
  await removeHalfSave(root, progress)
}

/** Of a save, the lab itself needs nothing: its nodes take over what was kept of them when they are started. */
async function removeHalfSave(root: string, progress: Progress): Promise<void> {
  const identity = readIdentity(root)
  if (!identity) return
  const lab = loadLabOfId(root, identity.id)
  const [name] = listHalf(savesPaths(lab).saves)
  if (!name) return
  await progress.step('remove the save that was interrupted', () => removeSaves(lab))
  progress.line(`  save ${name} was interrupted: it is removed, and the lab is as it was`)
}

function listHalf(folder: string): string[] {
  try {
    return readdirSync(folder).flatMap((name) => /^\.(.+)\.partial$/.exec(name)?.[1] ?? [])
  } catch {
    return []
  }
}

/** In the checkout: which import is under way, so that the next command removes what a killed one has left. */

import { existsSync, mkdirSync, readFileSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import { z } from 'zod'
import { createFile } from '../declaration/files.ts'
import type { Progress } from '../run/progress.ts'
import { removeSaves } from './tidy.ts'

const folderOf = (root: string) => join(root, '.lab/importing')
const begunSchema = z.strictObject({ id: z.string().regex(/^[0-9a-f]{8}$/) })

/** Gives an empty folder of the import's own. The caller has ended an earlier one. */
export function beginImport(root: string): string {
  mkdirSync(folderOf(root), { recursive: true, mode: 0o700 })
  return folderOf(root)
}

/** Before anything of it is made outside of the checkout. */
export function nameImport(root: string, id: string): string {
  createFile(join(folderOf(root), 'of.json'), JSON.stringify({ id }))
  return id
}

/** What was imported is a save by now; the rest goes. */
export async function endImport(root: string, base = '/var/lib/duostack'): Promise<void> {
  const file = join(folderOf(root), 'of.json')
  if (existsSync(file)) {
    const { id } = begunSchema.parse(JSON.parse(readFileSync(file, 'utf8')))
    await removeSaves({ id, paths: { data: join(base, id) } })
  }
  rmSync(folderOf(root), { recursive: true, force: true })
}

/** Says what it did. A step, because it may have much to remove. */
export async function finishImport(root: string, progress: Progress, base?: string): Promise<void> {
  if (!existsSync(folderOf(root))) return
  await progress.step('remove what an interrupted import has left', () => endImport(root, base))
  progress.line('  an import was interrupted: what it had not finished is removed; ./lab saves lists what is whole')
}

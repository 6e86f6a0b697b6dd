/**
 * Temporary folders in the user's cache, for downloads and builds. They are removed soon after their process has ended.
 */

import { existsSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, statSync } from 'node:fs'
import { join } from 'node:path'

export type WorkKind = 'download' | 'work'

/** Distinguishes a process from a later one with the same pid; undefined if there is none. */
function startOf(pid: number | string): string | undefined {
  const stat = `/proc/${pid}/stat`
  // The name before it may hold spaces and parentheses.
  return existsSync(stat) ? readFileSync(stat, 'utf8').split(') ').at(-1)!.split(' ')[19] : undefined
}

/** An older version did not record the folder's owner. */
const daySeconds = 86_400

/** Left by a process that was killed. */
function isAbandoned(cache: string, name: string): boolean {
  const [, kind, pid, start] = /^(download|work)-(?:(\d+)\.(\d+)-)?\w{6}$/.exec(name) ?? []
  if (!kind) return false
  if (pid) return startOf(pid) !== start
  return (
    Date.now() - (statSync(join(cache, name), { throwIfNoEntry: false })?.mtimeMs ?? Date.now()) > daySeconds * 1000
  )
}

/** Runs `work` with an empty folder, which is removed afterwards; and before, those that killed runs have left. */
export async function withWorkFolder<T>(cache: string, kind: WorkKind, work: (folder: string) => Promise<T>) {
  mkdirSync(cache, { recursive: true })
  for (const name of readdirSync(cache).filter((one) => isAbandoned(cache, one)))
    rmSync(join(cache, name), { recursive: true, force: true })
  const folder = mkdtempSync(join(cache, `${kind}-${process.pid}.${startOf('self')}-`))
  try {
    return await work(folder)
  } finally {
    rmSync(folder, { recursive: true, force: true })
  }
}

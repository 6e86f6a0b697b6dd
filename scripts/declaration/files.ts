/** Files that are written whole or not at all, and are nobody else's to read. */

import { randomBytes } from 'node:crypto'
import { closeSync, fsyncSync, linkSync, openSync, renameSync, rmSync, writeSync } from 'node:fs'
import { basename, dirname, join } from 'node:path'

/** Replaces the file, mode 0600. */
export function replaceFile(path: string, text: string): void {
  withTemporary(path, text, (temporary) => renameSync(temporary, path))
}

/** Makes the file, mode 0600. False where there already is one, also one made just now by another process. */
export function createFile(path: string, text: string): boolean {
  return withTemporary(path, text, (temporary) => {
    try {
      // A link, other than a rename, never replaces.
      linkSync(temporary, path)
      return true
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code === 'EEXIST') return false
      throw error
    }
  })
}

function withTemporary<Result>(path: string, text: string, publish: (temporary: string) => Result): Result {
  const temporary = join(dirname(path), `.${basename(path)}.${randomBytes(6).toString('hex')}`)
  try {
    const file = openSync(temporary, 'wx', 0o600)
    try {
      writeSync(file, text)
      // Else a power cut can leave the new name with nothing in it.
      fsyncSync(file)
    } finally {
      closeSync(file)
    }
    return publish(temporary)
  } finally {
    rmSync(temporary, { force: true })
  }
}

/** Writes files completely or not at all, with a mode that keeps other users out. */

import { randomBytes } from 'node:crypto'
import { closeSync, fsyncSync, linkSync, openSync, renameSync, rmSync, writeSync } from 'node:fs'
import { basename, dirname, join } from 'node:path'

type Content = string | Uint8Array

/** Replaces the file, mode 0600. Where it cannot be written whole, the old one stays. */
export function replaceFile(path: string, content: Content): void {
  withTemporary(path, content, (temporary) => renameSync(temporary, path))
}

/** Makes the file, mode 0600. False where there already is one, also one made just now by another process. */
export function createFile(path: string, content: Content): boolean {
  return withTemporary(path, content, (temporary) => {
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

/** A disk with room for a part takes that part and says so: only the next piece is refused. */
export function writeAll(descriptor: number, content: Content): void {
  let rest = typeof content === 'string' ? Buffer.from(content) : content
  while (rest.length > 0) rest = rest.subarray(writeSync(descriptor, rest))
}

function withTemporary<Result>(path: string, content: Content, publish: (temporary: string) => Result): Result {
  const temporary = join(dirname(path), `.${basename(path)}.${randomBytes(6).toString('hex')}`)
  try {
    const file = openSync(temporary, 'wx', 0o600)
    try {
      writeAll(file, content)
      // Else a power cut can leave the new name with nothing in it.
      fsyncSync(file)
    } catch (error) {
      // Of an open file Node says only what was tried on it.
      throw Object.assign(error as NodeJS.ErrnoException, { path })
    } finally {
      closeSync(file)
    }
    return publish(temporary)
  } finally {
    rmSync(temporary, { force: true })
  }
}

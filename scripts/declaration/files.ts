/** Writes files completely or not at all, with a mode that keeps other users out. */

import { randomBytes } from 'node:crypto'
import { closeSync, fsyncSync, linkSync, openSync, renameSync, rmSync, writeSync } from 'node:fs'
import { basename, dirname, join } from 'node:path'

type Content = string | Uint8Array

/** Replaces the file, mode 0600. If it cannot be written completely, the old one stays. */
export function replaceFile(path: string, content: Content): void {
  withTemporary(path, content, (temporary) => renameSync(temporary, path))
}

/** Creates the file, mode 0600. False if it already exists, even if another process has just created it. */
export function createFile(path: string, content: Content): boolean {
  return withTemporary(path, content, (temporary) => {
    try {
      // Unlike a rename, a link never replaces a file.
      linkSync(temporary, path)
      return true
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code === 'EEXIST') return false
      throw error
    }
  })
}

/** A disk with room for a part of the data accepts that part; only the next write fails. */
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
      // Otherwise a power cut can leave the new name with an empty file.
      fsyncSync(file)
    } catch (error) {
      // For an open file Node reports only the operation.
      throw Object.assign(error as NodeJS.ErrnoException, { path })
    } finally {
      closeSync(file)
    }
    return publish(temporary)
  } finally {
    rmSync(temporary, { force: true })
  }
}

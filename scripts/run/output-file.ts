/** Checks the place where the user wants a file before the work starts, so that nothing else is overwritten. */

import { accessSync, closeSync, constants, openSync, realpathSync, type Stats, statSync } from 'node:fs'
import { dirname, resolve } from 'node:path'
import { expectedError, type Finding, LabError, UsageError } from '../declaration/errors.ts'
import { replaceFile, writeAll } from '../declaration/files.ts'
import { shellQuote } from '../terminal/shell-quote.ts'

/** Writes to it. An existing file is replaced completely or not at all. */
export type Output = (content: string | Uint8Array) => void

const allowed = 'a new file, a file to overwrite, or something writable such as /dev/stdout'

function lookAt(path: string): Stats | undefined {
  try {
    return statSync(path)
  } catch (error) {
    if (['ENOENT', 'ENOTDIR'].includes((error as NodeJS.ErrnoException).code ?? '')) return undefined
    throw error
  }
}

/** Throws UsageError if there can be no file. `where` is the command. */
export function openOutput(where: string, given: string): Output {
  const path = resolve(given)
  const there = lookAt(path)
  const finding = there ? fault(there, path) : faultOfFolder(dirname(path))
  if (finding) throw new UsageError([{ where, ...finding }])
  // A terminal, a pipe, /dev/null; and whatever this process has open: it has that name, not a place.
  const asIs = there && (!there.isFile() || /^\/(dev|proc)\//.test(path))
  const target = there && !asIs ? realpathSync(path) : path
  return (content) => {
    try {
      asIs ? writeThrough(path, content) : replaceFile(target, content)
    } catch (error) {
      if (expectedError(error)) throw error
      throw new LabError([{ where, given: `${path}: ${(error as Error).message}`, allowed }])
    }
  }
}

function fault(stat: Stats, path: string): Omit<Finding, 'where'> | undefined {
  const kind = stat.isDirectory()
    ? 'a folder'
    : stat.isBlockDevice()
      ? 'a disk'
      : stat.isSocket()
        ? 'a socket'
        : undefined
  const remedy = stat.isDirectory() ? `name a file in it: ${path}/NAME` : 'name a file'
  return kind && { given: `${path}, which is ${kind}`, allowed, remedy }
}

function faultOfFolder(folder: string): Omit<Finding, 'where'> | undefined {
  const stat = lookAt(folder)
  if (!stat?.isDirectory()) {
    const given = `a file in ${folder}, which ${stat ? 'is not a folder' : 'does not exist'}`
    return { given, allowed, remedy: stat ? 'choose another folder' : `mkdir -p ${shellQuote(folder)}` }
  }
  try {
    accessSync(folder, constants.W_OK)
    return undefined
  } catch {
    return { given: `a file in ${folder}, where this user may not write`, allowed, remedy: 'choose another folder' }
  }
}

function writeThrough(path: string, content: string | Uint8Array): void {
  const descriptor = openSync(path, 'a')
  try {
    writeAll(descriptor, content)
  } finally {
    closeSync(descriptor)
  }
}

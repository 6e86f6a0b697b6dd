/** JSON files that a run leaves for the next one, which ignores them if they are missing or damaged. */

import { mkdirSync, readFileSync } from 'node:fs'
import { dirname } from 'node:path'
import { replaceFile } from './files.ts'

export function writeJson(file: string, value: unknown): void {
  mkdirSync(dirname(file), { recursive: true })
  replaceFile(file, `${JSON.stringify(value, null, 1)}\n`)
}

/** Undefined if there is none, or if it cannot be read. */
export function readJson<Value>(file: string, isWhole: (value: Value) => boolean): Value | undefined {
  try {
    const value = JSON.parse(readFileSync(file, 'utf8')) as Value
    return isWhole(value) ? value : undefined
  } catch {
    return undefined
  }
}

/** Where this checkout is, and whether it has a lab. */

import { existsSync } from 'node:fs'
import { join, resolve } from 'node:path'
import { fileURLToPath } from 'node:url'
import { NoLabError } from '../declaration/errors.ts'

/** The absolute path of the checkout. */
export const checkout = resolve(fileURLToPath(import.meta.url), '../../..')

/** Throws NoLabError where no `up` has begun a lab in this checkout. */
export function expectLab(root: string): void {
  if (existsSync(join(root, '.lab/lab.json'))) return
  throw noLab()
}

export function noLab(): NoLabError {
  const given = 'no lab was built in this checkout'
  return new NoLabError([{ where: '.lab/lab.json', given, allowed: 'a lab', remedy: './lab up' }])
}

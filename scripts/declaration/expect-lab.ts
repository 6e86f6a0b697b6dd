/** Refuses what needs a lab where there is none. */

import { existsSync } from 'node:fs'
import { join } from 'node:path'
import { NoLabError } from './errors.ts'

/** Throws NoLabError where no `up` has begun a lab in this checkout. */
export function expectLab(root: string): void {
  if (existsSync(join(root, '.lab/lab.json'))) return
  throw noLab()
}

export function noLab(): NoLabError {
  const given = 'none was built in this checkout'
  return new NoLabError([{ where: 'no lab here', given, allowed: '', remedy: './lab up' }])
}

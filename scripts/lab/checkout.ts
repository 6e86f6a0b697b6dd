/** Where this checkout is, and whether it has a lab. */

import { existsSync } from 'node:fs'
import { join, resolve } from 'node:path'
import { fileURLToPath } from 'node:url'
import { LabError } from '../declaration/errors.ts'

/** The absolute path of the checkout. */
export const checkout = resolve(fileURLToPath(import.meta.url), '../../..')

/** Throws LabError where no `up` has begun a lab in this checkout. */
export function expectLab(root: string): void {
  if (existsSync(join(root, '.lab/lab.json'))) return
  const given = 'no lab was built in this checkout'
  throw new LabError([{ where: '.lab/lab.json', given, allowed: 'a lab', remedy: './lab up' }])
}

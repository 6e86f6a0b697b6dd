/** Names of images in Glance that a person can type again. */

import { UsageError } from '../declaration/errors.ts'

export function checkImageName(name: string): void {
  if (/^\w[\w .+-]{0,99}$/.test(name)) return
  const allowed = 'letters, digits, and any of _ . + - and space; at most 100, not beginning with a sign'
  throw new UsageError([{ where: './lab image add', given: `the name ${JSON.stringify(name)}`, allowed }])
}

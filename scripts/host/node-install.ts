/**
 * How to install a supported Node.js on each system. The launcher, which runs without Node.js, reads the same table.
 */

import { readFileSync } from 'node:fs'

/** A command to paste; for a system that we do not know, a sentence. */
export function nodeInstall({ id, version }: { id: string; version: string }): string {
  const rows = readFileSync(new URL('node-install.txt', import.meta.url), 'utf8')
    .trimEnd()
    .split('\n')
  const known = rows.map((row) => /^(\S+ \S+) (.*)$/.exec(row)!)
  return known.find(([, system]) => system === `${id} ${version}` || system === '* *')![2]!
}

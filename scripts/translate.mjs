/**
 * Translates all programs at once, when the node modules are installed. Else the first `./lab up` does it, in each of the
 * programs that it starts side by side.
 */

import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { loader } from './loader.mjs'

const root = fileURLToPath(new URL('..', import.meta.url))
const within = (folder) => readdirSync(join(root, folder), { recursive: true }).map((name) => join(folder, name))

for (const file of ['main.ts', ...within('scripts'), ...within('stacks')]) {
  if (!file.endsWith('.ts') || file.endsWith('.d.ts')) continue
  const filename = join(root, file)
  // What the loader itself asks for, or it would not find it.
  loader.transform({ filename, source: readFileSync(filename, 'utf8'), ts: true, async: true, jsx: false })
}

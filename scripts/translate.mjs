/**
 * Compiles all programs once, when the node modules are installed. Otherwise the programs that the first `./lab up`
 * starts in parallel would each do it.
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

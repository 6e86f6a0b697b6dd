/**
 * Runs one of our TypeScript programs: `node scripts/run.mjs FILE [ARGUMENT…]`. Translated files are kept with the node
 * modules, and packages are loaded by Node itself: a loader that sees every file of them takes a second more.
 */

import { resolve } from 'node:path'
import { fileURLToPath } from 'node:url'
import { createJiti } from 'jiti'

process.argv.splice(1, 2, resolve(process.argv[2] ?? ''))
// Not where jiti would keep it for want of node modules: in a folder of /tmp that anybody may have made.
const fsCache = fileURLToPath(new URL('../node_modules/.cache/jiti', import.meta.url))
await createJiti(import.meta.url, { fsCache }).import(process.argv[1])

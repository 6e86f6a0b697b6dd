/** Starts one of our TypeScript programs: `node scripts/run.mjs FILE [ARGUMENT…]`. All of them are started this way. */

import './environment.cjs'
import { resolve } from 'node:path'
import { loader } from './loader.mjs'

process.argv.splice(1, 2, resolve(process.argv[2] ?? ''))
await loader.import(process.argv[1])

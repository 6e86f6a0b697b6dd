/**
 * Loads our TypeScript. Compiled files are cached with the node modules. Packages are loaded by Node itself, because a
 * loader that processes all their files takes a second more.
 */

import { fileURLToPath } from 'node:url'
import { createJiti } from 'jiti'

// Not where jiti would keep it for want of node modules: in a folder of /tmp that anybody may have made.
const fsCache = fileURLToPath(new URL('../node_modules/.cache/jiti', import.meta.url))

export const loader = createJiti(import.meta.url, { fsCache })

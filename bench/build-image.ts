/** `build-image.ts FOLDER`: builds the node image into the folder, without touching this machine's own one. */

import { join } from 'node:path'
import { buildAsRoot } from '../scripts/image/privileged-build.ts'
import { nodeImageDigest } from '../scripts/image/recipe.ts'

await buildAsRoot('tree', join(process.argv[2]!, nodeImageDigest()), () => {})

/** Where this checkout is. */

import { resolve } from 'node:path'
import { fileURLToPath } from 'node:url'

/** The absolute path of the checkout. */
export const checkout = resolve(fileURLToPath(import.meta.url), '../../..')

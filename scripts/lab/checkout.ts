/** Where this checkout is, and the Lab that it declares. */

import { resolve } from 'node:path'
import { fileURLToPath } from 'node:url'

/** The absolute path of the checkout. */
export const checkout = resolve(fileURLToPath(import.meta.url), '../../..')

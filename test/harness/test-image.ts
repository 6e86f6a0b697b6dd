/** The image of the lab's test instance, as this machine has it. */

import { access, readdir } from 'node:fs/promises'
import { join } from 'node:path'

/** From the cache. */
export async function testImage(): Promise<string> {
  const cache = '/var/cache/duostack/images'
  for (const name of await readdir(cache)) {
    const file = join(cache, name, 'duostack-test.qcow2')
    const isThere = await access(file).then(
      () => true,
      () => false,
    )
    if (isThere) return file
  }
  throw new Error(`no test image below ${cache}`)
}

/** The lab's test image in this machine's cache. */

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

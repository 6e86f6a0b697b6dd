/** How much room the file systems have on which a lab puts its data. */

import { existsSync } from 'node:fs'
import { stat, statfs } from 'node:fs/promises'
import { dirname } from 'node:path'
import { cacheFolder } from './terraform-cache.ts'

type DiskUse = 'data' | 'image' | 'cache'

export interface DiskFact {
  use: DiskUse
  path: string
  /** The same number for two paths: they share one file system's room. */
  device: number
  freeMiB: number
}

const paths: Record<DiskUse, string> = {
  data: '/var/lib/duostack',
  image: '/var/cache/duostack',
  cache: cacheFolder(),
}

/** A path that is not there yet stands on the file system of its nearest parent that is. */
export async function readDisks(): Promise<DiskFact[]> {
  return Promise.all(
    (Object.keys(paths) as DiskUse[]).map(async (use) => {
      let path = paths[use]
      while (!existsSync(path)) path = dirname(path)
      const [{ dev }, { bavail, bsize }] = await Promise.all([stat(path), statfs(path)])
      return { use, path: paths[use], device: dev, freeMiB: Math.floor((bavail * bsize) / 2 ** 20) }
    }),
  )
}

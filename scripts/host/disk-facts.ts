/** How much space the file systems have on which a lab stores its data. */

import { existsSync } from 'node:fs'
import { access, constants, stat, statfs } from 'node:fs/promises'
import { dirname } from 'node:path'
import { cacheFolder } from '../terraform/cache.ts'

export type DiskUse = 'data' | 'states' | 'image' | 'cache'

export interface DiskFact {
  use: DiskUse
  path: string
  /** The same number for two paths: they share one file system's room. */
  device: number
  /** For an ordinary user, as the services are; root may take a little more. */
  freeMiB: number
  /** Absent if the file system makes them as it needs them. */
  freeInodes?: number
  readOnly?: true
  /** Its name, where containers' changes cannot be laid on it: the kernel takes none of these for the upper part of an overlay. */
  noUpper?: string
}

/** By statfs's number. */
const noUpperTypes: Readonly<Record<number, string>> = {
  2035054128: 'overlay',
  26985: 'NFS',
  4283649346: 'CIFS',
  4266872130: 'SMB',
  16914839: '9p',
  1702057286: 'FUSE',
  19780: 'FAT',
  538032816: 'exFAT',
  61791: 'eCryptfs',
}

/** The data of a lab that is there may stand on a file system of its own; so may the checkout with the states. */
function pathsOf(root: string, id?: string): Record<DiskUse, string> {
  const own = id && `/var/lib/duostack/${id}`
  return {
    data: own && existsSync(own) ? own : '/var/lib/duostack',
    states: root,
    image: '/var/cache/duostack',
    cache: cacheFolder(),
  }
}

/** `id`: of the checkout's lab. A path that is not there yet stands on the file system of its nearest parent that is. */
export async function readDisks(root: string, id?: string): Promise<DiskFact[]> {
  const paths = pathsOf(root, id)
  return Promise.all(
    (Object.keys(paths) as DiskUse[]).map(async (use) => {
      let path = paths[use]
      while (!existsSync(path)) path = dirname(path)
      const [{ dev }, { bavail, bsize, files, ffree, type }, readOnly] = await Promise.all([
        stat(path),
        statfs(path),
        isReadOnly(path),
      ])
      return {
        use,
        path: paths[use],
        device: dev,
        freeMiB: Math.floor((bavail * bsize) / 2 ** 20),
        ...(files > 0 ? { freeInodes: ffree } : {}),
        ...(readOnly ? { readOnly } : {}),
        ...(noUpperTypes[type] ? { noUpper: noUpperTypes[type] } : {}),
      }
    }),
  )
}

/** The kernel says so also to those who may write there only through sudo. */
async function isReadOnly(path: string): Promise<boolean> {
  return access(path, constants.W_OK).then(
    () => false,
    ({ code }: NodeJS.ErrnoException) => code === 'EROFS',
  )
}

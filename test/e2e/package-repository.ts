/** A repository of the packages that this machine has cached since it built the node image. */

import { mkdir, symlink, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { execa } from 'execa'
import { packageCache } from '../../scripts/image/cached-packages.ts'

/** Makes a flat repository in `folder`, without copying a package. Needs dpkg-scanpackages (dpkg-dev). */
export async function makeRepository(folder: string): Promise<void> {
  await mkdir(folder, { recursive: true })
  await symlink(packageCache, join(folder, 'pool'))
  const { stdout } = await execa('dpkg-scanpackages', ['--multiversion', 'pool'], { cwd: folder, maxBuffer: 2 ** 28 })
  const count = stdout.match(/^Package: /gm)?.length ?? 0
  // Packages of an image that was built elsewhere, or long ago, are not available.
  if (count < 700) throw new Error(`${packageCache} has ${count} packages: build the node image on this machine first`)
  await writeFile(join(folder, 'Packages'), `${stdout}\n`)
}

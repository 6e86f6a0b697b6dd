/** Removes a machine's files. Node's `rm` would follow mounts there into this machine's own folders. */

import { readFile } from 'node:fs/promises'
import { execa } from 'execa'

/** Throws if something is still mounted in it: then it is in use, and nothing is touched. */
export async function removeTree(path: string): Promise<void> {
  const mounts = (await readFile('/proc/self/mountinfo', 'utf8')).split('\n').map((line) => line.split(' ')[4] ?? '')
  const inside = mounts.filter((mount) => mount === path || mount.startsWith(`${path}/`))
  if (inside.length > 0) throw new Error(`not removed, as it is mounted: ${inside.join(', ')}`)
  await execa('rm', ['-rf', '--one-file-system', path])
}

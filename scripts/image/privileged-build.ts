/** Starts build.ts as root, under a machine-wide lock and in its own mount and process namespaces. */

import { dirname, join } from 'node:path'
import { ownProgram } from '../run/own-program.ts'
import { runOnHost } from '../run/process.ts'
import type { Note } from './mmdebstrap-notes.ts'
import { imageFolder } from './recipe.ts'

/**
 * Builds one product into the image folder. The lock is held by the build itself: where this process is killed, the
 * next build waits for the orphan instead of writing over it. Mounts and daemons left over go with the namespaces.
 */
export async function buildAsRoot(
  product: 'tree' | 'disk' | 'test' | 'tempest',
  image: string,
  note: Note,
): Promise<void> {
  const images = dirname(image)
  // Who may read a file may hold its lock.
  const folders = 'install -d -m 0755 "$1" "$2"; umask 077; : >>"$2/lock"; chmod 0600 "$2/lock"'
  await runOnHost('sh', ['-euc', folders, 'sh', dirname(images), images], { step: 'image: cache folder', root: true })
  note('waiting for its turn')
  const namespaces = ['--mount', '--propagation', 'private', '--pid', '--fork', '--kill-child', '--mount-proc']
  const program = ownProgram(join(imageFolder, 'build.ts'), product, image)
  await runOnHost('flock', [join(images, 'lock'), 'unshare', ...namespaces, 'nice', ...program], {
    step: `image: ${product}`,
    root: true,
    cwd: join(imageFolder, '../..'),
    onLine: (line) => {
      if (line.startsWith('note: ')) note(line.slice('note: '.length))
    },
  })
}

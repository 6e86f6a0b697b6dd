/**
 * Where the node image's tree is: in a folder that only root can enter, because it has setuid programs and a
 * world-writable `tmp` that all container nodes show. What ordinary users need is next to it.
 */

import { copyFileSync, existsSync, lstatSync, mkdirSync, readFileSync, symlinkSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { runOnHost } from '../run/process.ts'

/** The tree itself, for who is root. `<image>/root` is a link to it, by which nodes and older checkouts find it. */
export const closedTree = (image: string) => join(image, 'tree', 'root')

/**
 * The tree is in this image folder. Holds for ordinary users too, who cannot follow the link. Where they cannot even look,
 * as a cautious umask may have made the cache, it counts as absent until prepare has opened that.
 */
export function hasTree(image: string): boolean {
  try {
    return lstatSync(join(image, 'root'), { throwIfNoEntry: false }) !== undefined
  } catch {
    return false
  }
}

const statusFile = 'var/lib/dpkg/status'

/** dpkg's list of what is installed in the image; undefined if there is no image. */
export function readPackageStatus(image: string): string | undefined {
  // One that an older checkout has made is closed by the next prepare.
  const file = [join(image, 'packages'), join(image, 'root', statusFile)].find((one) => existsSync(one))
  return file && readFileSync(file, 'utf8')
}

/** An empty folder for a new tree in `image`. Until `finishTree` apt's own user may enter as well, to download. */
export async function beginTree(image: string): Promise<string> {
  const tree = closedTree(image)
  const script = 'install -d -m 0700 "$1" && { chown _apt "$1" 2>/dev/null || :; }'
  await runOnHost('sh', ['-euc', script, 'sh', dirname(tree)], { step: 'image: folder of the tree' })
  mkdirSync(tree, { recursive: true })
  return tree
}

/** Closes it to all but root, and puts what others may read beside it. */
export async function finishTree(image: string): Promise<void> {
  const tree = closedTree(image)
  await runOnHost('chown', ['root:root', dirname(tree)], { step: 'image: folder of the tree' })
  copyFileSync(join(tree, statusFile), join(image, 'packages'))
  symlinkSync('tree/root', join(image, 'root'))
}

/**
 * Bash, for root: closes the trees that older checkouts have left open, and what one that was cut off here began. Asks
 * of each image a few questions where all are closed. Living nodes keep what they have mounted: only a name changes.
 * What somebody may have put into the open `tmp` goes.
 */
export const closeTrees = (images: string) => `
is_open() {
  [ -d "$1/root" ] || [ -d "$1/tree/root" ] || return 1
  ! [ -L "$1/root" ] || [ "$(stat -c '%a %u' "$1/tree")" != '700 0' ]
}
close_tree() {
  install -d -o root -g root -m 0700 "$1/tree"
  if ! [ -L "$1/root" ] && [ -d "$1/root" ]; then mv -T "$1/root" "$1/tree/root"; fi
  find "$1/tree/root/tmp" "$1/tree/root/var/tmp" -xdev -mindepth 1 -delete 2>/dev/null || :
  if [ -e "$1/tree/root/${statusFile}" ]; then
    install -m 0644 "$1/tree/root/${statusFile}" "$1/packages.new"
    mv -f "$1/packages.new" "$1/packages"
  fi
  [ -L "$1/root" ] || ln -s tree/root "$1/root"
}
for image in ${images}/*; do
  is_open "$image" || continue
  # A build may be at work in it. Who may read the lock may hold it.
  umask 077
  exec 9>>${images}/lock
  flock 9
  if is_open "$image"; then close_tree "$image"; fi
  exec 9>&-
done
`

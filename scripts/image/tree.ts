/** Builds the node image's tree with mmdebstrap. Runs as root, in its own mount namespace (build.ts). */

import { createWriteStream, mkdirSync, renameSync, rmSync } from 'node:fs'
import { basename, dirname, join } from 'node:path'
import { ownProgram } from '../run/own-program.ts'
import { runOnHost } from '../run/process.ts'
import { shellQuote } from '../terminal/shell-quote.ts'
import { readAptSources } from './apt-sources.ts'
import { expectArchiveKeys, keyringOptions } from './archive-keys.ts'
import { packageCache } from './cached-packages.ts'
import { beginTree, finishTree } from './closed-tree.ts'
import { mmdebstrapNotes, type Note } from './mmdebstrap-notes.ts'
import { imageFolder, leftOut, nodePackages, overlayFolder, suite, treeScripts } from './recipe.ts'

/** Not given as mmdebstrap's --dpkgopt: with patterns among them it starts Python for each of the first packages. */
const dpkgSettings = [
  // A build that the power fails is thrown away: no file needs to reach the disk at once.
  'force-unsafe-io',
  ...leftOut.map((pattern) => `path-exclude=${pattern}`),
  'path-include=/usr/share/doc/*/copyright',
]

/** mmdebstrap gives hooks the tree as "$1". Its mounts are in this build's namespace and go with it. */
function hooks(): string[] {
  const [begin = '', finish = ''] = treeScripts.map(shellQuote)
  const copy = `tar -C ${shellQuote(overlayFolder)} --owner=0 --group=0 --mode=u=rwX,go=rX -c . | tar -C "$1" -x`
  return [
    `--setup-hook=mkdir -p "$1"/var/cache/apt/archives && mount --bind ${packageCache} "$1"/var/cache/apt/archives`,
    `--extract-hook=printf '%s\\n' ${dpkgSettings.map(shellQuote).join(' ')} > "$1"/etc/dpkg/dpkg.cfg.d/duostack`,
    `--extract-hook=rm -rf ${leftOut.map((pattern) => `"$1"${pattern}`).join(' ')}`,
    `--essential-hook=chroot "$1" sh -s < ${begin}`,
    `--customize-hook=${copy}`,
    `--customize-hook=chroot "$1" sh -s < ${finish}`,
    '--customize-hook=umount "$1"/var/cache/apt/archives',
  ]
}

/** Builds the tree of `image`; it appears under that name only when it is complete. */
export async function buildTree(image: string, note: Note): Promise<void> {
  await expectArchiveKeys()
  const partial = join(dirname(image), `.${basename(image)}.partial`)
  const tree = await beginTree(partial)
  mkdirSync(join(packageCache, 'partial'), { recursive: true })
  const log = createWriteStream(join(partial, 'build.log'))
  const readNotes = mmdebstrapNotes(note)
  const sources = await readAptSources()
  const keys = join(partial, 'keys')
  const options = [
    '--mode=root',
    '--variant=minbase',
    '--format=directory',
    '--verbose',
    `--include=${nodePackages.join(',')}`,
    '--aptopt=APT::Install-Recommends "false"',
    '--aptopt=Acquire::Languages "none"',
    ...sources.options,
    ...keyringOptions(keys),
    // The cache is used by apt and left as it is. The lists go with the last script, and with all of /tmp apt's settings
    // for this tree: mmdebstrap's own cleaning would empty this machine's lists in place of the tree's.
    // One option each: mmdebstrap before 1.2 (Ubuntu 22.04 has 0.8) takes a list for one unknown name.
    ...['download/empty', 'essential/unlink', 'cleanup/apt'].map((what) => `--skip=${what}`),
    ...hooks(),
  ]
  await runOnHost('mmdebstrap', [...options, suite, tree, ...sources.lines], {
    step: 'image: install the packages',
    // INITRD: the initrd is made with the VM's disk, which containers do not need.
    // LC_ALL: Horizon's style sheets do not compile in the C locale.
    env: { INITRD: 'No', LC_ALL: 'C.UTF-8', DEBIAN_FRONTEND: 'noninteractive' },
    onLine: (line) => {
      log.write(`${line}\n`)
      readNotes(line)
    },
  })
  note('databases')
  const schemas = ownProgram(join(imageFolder, '../services/image-schemas.ts'), tree)
  await runOnHost('unshare', ['--net', '--mount', ...schemas], { step: 'image: databases of the services' })
  // Packages that have been superseded since.
  await runOnHost('find', [packageCache, '-maxdepth', '1', '-name', '*.deb', '-ctime', '+60', '-delete'], {
    step: 'image: old packages',
  })
  rmSync(keys, { recursive: true })
  await finishTree(partial)
  renameSync(partial, image)
}

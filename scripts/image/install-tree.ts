/** Installs Debian packages into an empty folder with mmdebstrap. Runs as root, in its own mount namespace (build.ts). */

import { createWriteStream, mkdirSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import { runOnHost } from '../run/process.ts'
import { shellQuote } from '../terminal/shell-quote.ts'
import { readAptSources } from './apt-sources.ts'
import { expectArchiveKeys, keyringOptions } from './archive-keys.ts'
import { packageCache } from './cached-packages.ts'
import { beginTree } from './closed-tree.ts'
import { mmdebstrapNotes, type Note } from './mmdebstrap-notes.ts'
import { suite } from './recipe.ts'

export interface TreeContent {
  packages: readonly string[]
  /** dpkg's patterns of files that are not unpacked. */
  leftOut: readonly string[]
  /** Shell; mmdebstrap gives it the tree as "$1". `early`: before the packages are configured; `late`: after. */
  hooks: { early: readonly string[]; late: readonly string[] }
}

/** Not given as mmdebstrap's --dpkgopt: with patterns among them it starts Python for each of the first packages. */
const dpkgSettings = (leftOut: readonly string[]) => [
  // A build that the power fails is thrown away: no file needs to reach the disk at once.
  'force-unsafe-io',
  ...leftOut.map((pattern) => `path-exclude=${pattern}`),
  'path-include=/usr/share/doc/*/copyright',
]

/** Its mounts are in this build's namespace and go with it. */
function hookOptions({ leftOut, hooks }: TreeContent): string[] {
  return [
    `--setup-hook=mkdir -p "$1"/var/cache/apt/archives && mount --bind ${packageCache} "$1"/var/cache/apt/archives`,
    `--extract-hook=printf '%s\\n' ${dpkgSettings(leftOut).map(shellQuote).join(' ')} > "$1"/etc/dpkg/dpkg.cfg.d/duostack`,
    `--extract-hook=rm -rf ${leftOut.map((pattern) => `"$1"${pattern}`).join(' ')}`,
    ...hooks.early.map((hook) => `--essential-hook=${hook}`),
    ...hooks.late.map((hook) => `--customize-hook=${hook}`),
    '--customize-hook=umount "$1"/var/cache/apt/archives',
  ]
}

/** Makes the tree of `partial`, a new image folder, with a log beside it. Gives its path. */
export async function installTree(partial: string, content: TreeContent, note: Note): Promise<string> {
  await expectArchiveKeys()
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
    `--include=${content.packages.join(',')}`,
    '--aptopt=APT::Install-Recommends "false"',
    '--aptopt=Acquire::Languages "none"',
    ...sources.options,
    ...keyringOptions(keys),
    // The cache is used by apt and left as it is. The lists go with the last script, and with all of /tmp apt's settings
    // for this tree: mmdebstrap's own cleaning would empty this machine's lists in place of the tree's.
    // One option each: mmdebstrap before 1.2 (Ubuntu 22.04 has 0.8) takes a list for one unknown name.
    ...['download/empty', 'essential/unlink', 'cleanup/apt'].map((what) => `--skip=${what}`),
    ...hookOptions(content),
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
  rmSync(keys, { recursive: true })
  return tree
}

/** Packages that have been superseded since leave the cache. */
export async function forgetOldPackages(): Promise<void> {
  await runOnHost('find', [packageCache, '-maxdepth', '1', '-name', '*.deb', '-ctime', '+60', '-delete'], {
    step: 'image: old packages',
  })
}

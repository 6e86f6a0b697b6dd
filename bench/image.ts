/** How long building the node image takes: once with all packages to download, once with them cached. */

import { mkdirSync, mkdtempSync, rmSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { execa } from 'execa'
import { packageCache } from '../scripts/image/cached-packages.ts'
import { ownProgram } from '../scripts/run/own-program.ts'
import type { Phase } from './result.ts'

const program = join(import.meta.dirname, 'build-image.ts')

/** For this build only, an empty folder instead of this machine's package cache. */
const script = 'mount --bind "$1" "$2"; shift 2; exec "$@"'

/**
 * Both are on the same disk as the real ones and are removed at the end: a build right after the removal of a tree is
 * slower, because ext4 skips the inodes that were freed just before.
 */
export async function measureImage(): Promise<Phase[]> {
  mkdirSync(packageCache, { recursive: true })
  const folder = mkdtempSync(join(dirname(packageCache), 'bench-'))
  const packages = join(folder, 'apt')
  mkdirSync(packages)
  const phases: Phase[] = []
  try {
    for (const name of ['image', 'image, packages cached']) {
      const build = ownProgram(program, join(folder, String(phases.length)))
      const start = performance.now()
      await execa('unshare', ['--mount', 'sh', '-euc', script, 'sh', packages, packageCache, ...build], {
        cwd: join(import.meta.dirname, '..'),
        stdio: ['ignore', 'inherit', 'inherit'],
      })
      phases.push({ name, seconds: (performance.now() - start) / 1000 })
    }
    return phases
  } finally {
    rmSync(folder, { recursive: true, force: true })
  }
}

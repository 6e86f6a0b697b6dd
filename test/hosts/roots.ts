/** Debian root file systems like a fresh installation, built once with mmdebstrap and cached by their contents. */

import { createHash } from 'node:crypto'
import { existsSync } from 'node:fs'
import { copyFile, readdir, rename, writeFile } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { execa } from 'execa'
import { readAptSettings, readSources, type Suite } from './apt.ts'
import { removeTree } from './remove-tree.ts'

/** Its root file systems are the only thing that stays on this machine after a run. */
export const cache = '/var/cache/duostack-hosts'

export interface RootRecipe {
  suite: Suite
  /** In addition to those that every machine has. */
  packages: readonly string[]
  /** Debian's base alone, with what is needed to boot it and to log in. */
  minimal?: true
}

/** What an installation from Debian's medium with an ssh server has, plus git and sudo, as far as a lab uses it. */
const common = [
  ...['systemd', 'systemd-sysv', 'libpam-systemd', 'dbus', 'udev', 'kmod', 'procps', 'less', 'locales', 'curl'],
  ...['ca-certificates', 'sudo', 'iproute2', 'iputils-ping', 'openssh-server', 'git'],
]

const forLogin = ['systemd', 'systemd-sysv', 'libpam-systemd', 'dbus', 'openssh-server']

/** The path of the root; builds it in the run's own folder if it is missing. `fresh` builds it in any case. */
export async function ensureRoot(folder: string, recipe: RootRecipe, fresh = false): Promise<string> {
  const packages = [...new Set([...(recipe.minimal ? forLogin : common), ...recipe.packages])].sort()
  const variant = recipe.minimal ? 'minbase' : 'important'
  const sources = await readSources(recipe.suite)
  const settings = await readAptSettings()
  const digest = createHash('sha256').update(
    JSON.stringify({ packages, sources, settings, layout: 1, ...(recipe.minimal ? { variant } : {}) }),
  )
  const path = join(cache, `${recipe.suite}-${digest.digest('hex').slice(0, 12)}`)
  if (existsSync(path) && !fresh) return path
  console.error(`hosts: build a root of ${recipe.suite} with ${packages.length} named packages`)
  const root = join(folder, 'new-root')
  await build(root, { suite: recipe.suite, variant, packages }, sources, settings)
  if (!recipe.minimal) await carryCertificates(root)
  // Another run may have been faster; its root may be in use.
  if (fresh) await removeTree(path)
  if (existsSync(path)) await removeTree(root)
  else await rename(root, path)
  return path
}

/**
 * mmdebstrap mounts folders of this machine into the root, such as /dev/shm. In a separate mount namespace the mounts
 * end with it, and removing an interrupted build cannot reach through them. It ends with this process.
 */
const ownMounts = [
  ...['--pdeathsig', 'KILL', 'unshare', '--mount', '--propagation', 'private'],
  ...['--pid', '--fork', '--kill-child', '--mount-proc'],
]

interface Content {
  suite: Suite
  variant: 'important' | 'minbase'
  packages: readonly string[]
}

async function build(root: string, { suite, variant, packages }: Content, sources: string[], settings: string) {
  const options = settings.split('\n').filter(Boolean)
  await execa(
    'setpriv',
    [
      ...ownMounts,
      ...['nice', 'mmdebstrap'],
      ...['--quiet', `--variant=${variant}`, '--mode=root', '--format=directory', '--skip=cleanup/apt'],
      ...[...options, 'APT::Install-Recommends "false";'].map((line) => `--aptopt=${line.replace(/;$/, '')}`),
      ...[`--include=${packages.join(',')}`, suite, root],
    ],
    // Its scratch folder contains programs to be run.
    { input: `${sources.join('\n')}\n`, env: { TMPDIR: dirname(root) }, stdout: 'ignore', stderr: 'inherit' },
  )
  await writeFile(join(root, 'etc/apt/apt.conf.d/90machine'), `${settings}\n`)
}

/** Behind a proxy that inspects TLS, machines need the proxy's certificate. */
async function carryCertificates(root: string): Promise<void> {
  const folder = '/usr/local/share/ca-certificates'
  const names = (await readdir(folder).catch(() => [])).filter((name) => name.endsWith('.crt'))
  for (const name of names) await copyFile(join(folder, name), join(root, folder, name))
  await execa('chroot', [root, 'update-ca-certificates'], { env: { TMPDIR: '/tmp' }, stdout: 'ignore' })
}

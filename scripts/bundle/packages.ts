/** The host packages of a bundle: all that a lab needs, with everything that those need, as a repository of files for apt. */

import { mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import type { Declaration } from '../declaration/declaration.ts'
import { serviceNames } from '../declaration/service-profiles.ts'
import { apt, installable, neededPackages } from '../host/packages.ts'
import { runOnHost } from '../run/process.ts'
import type { Progress } from '../run/progress.ts'
import { timeouts } from '../run/timeouts.ts'
import { shellQuote } from '../terminal/shell-quote.ts'

/** What Debian's base lacks for unpacking the rest, and for `./lab import`. */
const forUnpacking = 'zstd'

/** Every service may be switched on there, and the way out: the node image has the packages of all. */
const everything = {
  services: Object.fromEntries(serviceNames.map((name) => [name, true])),
  outbound: { deny: [] },
}

/** What `up` would install for this declaration, on a machine whose system libvirtd does not answer. */
export function bundledPackages({ hypervisor, isolation }: Pick<Declaration, 'hypervisor' | 'isolation'>) {
  return neededPackages(hypervisor, isolation === 'none' ? 'none' : 'netns', everything)
}

/**
 * Fills `folder`. The files of Debian's base itself are among them, because a machine whose base is a little older may have
 * to bring it up to date for the others. Apt does not install what the machine has in a newer version.
 */
export async function fetchPackages(
  folder: string,
  declaration: Pick<Declaration, 'hypervisor' | 'isolation'>,
  progress: Progress,
): Promise<void> {
  const names = await progress.step('package lists', async (note) => {
    await apt(['update'], note)
    return [forUnpacking, ...(await installable(bundledPackages(declaration))).map(({ name }) => name)]
  })
  mkdirSync(folder)
  writeFileSync(join(folder, 'names'), `${names.join('\n')}\n`)
  const [status, files] = [join(folder, 'status'), join(folder, 'files')]
  writeFileSync(status, '')
  mkdirSync(files)
  await progress.step('host packages', (note) => apt(['install', ...downloadOptions(status, files), ...names], note))
  await progress.step('index of the packages', () =>
    runOnHost('bash', ['-s'], {
      step: 'index of the packages',
      root: true,
      input: indexScript(folder),
      timeoutSeconds: timeouts.machine.packages.seconds,
    }),
  )
}

/** As on a machine that has nothing installed; this machine's own lists of what is installed and loaded stay as they are. */
const downloadOptions = (status: string, files: string) => [
  ...['-y', '--no-install-recommends', '--download-only'],
  ...[
    `Dir::State::status=${status}`,
    `Dir::Cache::archives=${files}`,
    'Dir::Cache::pkgcache=',
    'APT::Sandbox::User=root',
  ].flatMap((option) => ['-o', option]),
]

/**
 * Bash. Apt takes a percent sign in the name of a file for the beginning of a code, and writes the colon of a version as one.
 */
export const indexScript = (folder: string): string => `set -eu
cd ${shellQuote(folder)}
for deb in files/*.deb; do
  name=\${deb#files/}
  mv "$deb" "\${name//%3a/-}"
done
rm -rf files status
for deb in *.deb; do
  dpkg-deb -f "$deb"
  echo "Filename: ./$deb"
  echo "Size: $(stat -c %s "$deb")"
  echo "SHA256: $(sha256sum "$deb" | cut -d' ' -f1)"
  echo
done >Packages
# Whoever made the bundle packs them.
chmod 0644 ./*
`

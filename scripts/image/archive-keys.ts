/**
 * The keys that must have signed the node image's packages: only Debian's. Ubuntu 22.04's package with these keys is
 * too old.
 */

import { copyFileSync, existsSync, mkdirSync } from 'node:fs'
import { join } from 'node:path'
import { LabError } from '../declaration/errors.ts'
import { runOnHost } from '../run/process.ts'

const name = 'debian-archive-keyring'
/** The first year whose package has the keys of Debian 12. */
const firstYear = 2023
const newer = `${name}_2023.3+deb12u2_all.deb`
const sha256 = 'f699e2f88dca05212f2a452b58475f2993cb6993dfbafb1d0205a3291eb8b4b8'

/** The second is its name in newer packages. */
const archiveKeyrings = ['gpg', 'pgp'].map((ending) => `/usr/share/keyrings/${name}.${ending}`)

/**
 * mmdebstrap's arguments that make this keyring the only one. apt reads a file and a folder of them, and a folder that is
 * not named is the host's own, with the keys of everybody from whom it has packages. `folder` is made.
 */
export function keyringOptions(folder: string, keyrings: readonly string[] = archiveKeyrings): string[] {
  const keyring = keyrings.find((path) => existsSync(path))
  if (!keyring) {
    const where = keyrings.join(', ')
    const remedy = `sudo apt-get install --reinstall ${name}`
    throw new LabError([{ where, given: 'no such file', allowed: "the Debian archive's keys", remedy }])
  }
  mkdirSync(folder, { recursive: true })
  // apt goes by the ending.
  copyFileSync(keyring, join(folder, `${name}.gpg`))
  return [keyring, folder].map((path) => `--keyring=${path}`)
}

/** Throws where mmdebstrap would fail later with NO_PUBKEY. `version`: of the installed package, `2021.1.1ubuntu2`. */
export function checkArchiveKeys(version: string): void {
  const year = Number.parseInt(version, 10)
  // Without the package the keys may have come in another way.
  if (!(year < firstYear)) return
  throw new LabError([
    {
      where: name,
      given: `${version}, which has no key of Debian 12`,
      allowed: `${firstYear}.3 or later`,
      remedy: `curl -fsSLO https://deb.debian.org/debian/pool/main/d/${name}/${newer} && echo '${sha256}  ${newer}' | sha256sum -c && sudo dpkg -i ${newer}`,
    },
  ])
}

export async function expectArchiveKeys(): Promise<void> {
  const step = "image: the Debian archive's keys"
  // biome-ignore lint/suspicious/noTemplateCurlyInString: dpkg-query's own placeholder
  const { stdout } = await runOnHost('dpkg-query', ['-W', '-f', '${Version}', name], { step, allow: [0, 1] })
  checkArchiveKeys(stdout)
}

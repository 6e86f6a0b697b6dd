/** Unpacks a file that somebody else may have made, below a folder that only root can enter, and no more than it says. */

import { statSync } from 'node:fs'
import { statfs } from 'node:fs/promises'
import { join } from 'node:path'
import { CommandError } from '../declaration/errors.ts'
import { refuseImport as refuse } from '../nodes/refuse-import.ts'
import { asRoot } from '../run/as-root.ts'
import { rootPrefixInShell, runOnHost } from '../run/process.ts'
import { timeouts } from '../run/timeouts.ts'
import { showMiB } from '../terminal/amounts.ts'
import { shellQuote } from '../terminal/shell-quote.ts'
import { type Manifest, parseManifest } from './manifest.ts'
import { keptAttributes } from './pack.ts'

/** Left free on the disk. */
const reserve = 2 * 2 ** 30

/** How much smaller than its content a file can be. Systems and databases come to 3 or 4. */
const mostCompressed = 100

const unzip = (file: string) => `zstd -q -dc --memory=256MiB -- ${shellQuote(file)}`

/** What the file says of itself, from its first entry. `given`: the file's name for people. */
export async function readManifest(file: string, given: string): Promise<Manifest> {
  const { stdout } = await runOnHost('bash', ['-s'], {
    step: `read ${given}`,
    input: `${unzip(file)} 2>/dev/null | head -c 1000000 | tar -xOf - --occurrence=1 manifest.json 2>/dev/null | head -c 100000\n`,
    allow: [0, 1, 2],
    timeoutSeconds: timeouts.machine.command.seconds,
  })
  const manifest = parseManifest(stdout)
  if (manifest) return manifest
  const allowed = 'a file that ./lab export of this version made'
  throw refuse(`${given}, which is no save, or one of another version or release`, allowed)
}

/** Throws LabError, before anything is unpacked, for what cannot be a lab's, and for what has no room. */
export async function checkSize({ bytes }: Manifest, file: string, base: string): Promise<void> {
  const packed = statSync(file).size
  if (bytes > mostCompressed * packed) {
    const allowed = `up to ${mostCompressed} times its size`
    throw refuse(`a file of ${showMiB(packed)} that says it unpacks to ${showMiB(bytes)}`, allowed)
  }
  const { bavail, bsize } = await statfs(base)
  const room = Math.max(0, bavail * bsize - reserve)
  if (bytes <= room) return
  throw refuse(`a file that unpacks to ${showMiB(bytes)}`, `${showMiB(room)}, which is free on the disk of ${base}`)
}

export const makeFolder = (base: string, partial: string) =>
  asRoot(
    'folder of the import',
    `install -d -m 0755 ${shellQuote(base)} ${shellQuote(join(partial, '../../..'))} ${shellQuote(join(partial, '../..'))} ${shellQuote(join(partial, '..'))}
install -d -m 0700 ${shellQuote(partial)}`,
  )

/** tar takes no path out of the folder. What is more than the manifest says is not read: the file is refused there. */
export async function unpack(file: string, given: string, { bytes }: Manifest, partial: string): Promise<void> {
  const tar = `tar --xattrs ${keptAttributes} --numeric-owner -xpf - -C ${shellQuote(partial)}`
  try {
    await runOnHost('bash', ['-s'], {
      step: `unpack ${given}`,
      input: `set -euo pipefail\nsetpriv --pdeathsig TERM ${unzip(file)} | head -c ${bytes} | ${rootPrefixInShell()}${tar}\n`,
      timeoutSeconds: timeouts.machine.carried.seconds,
    })
  } catch (error) {
    if (!(error instanceof CommandError)) throw error
    const said = error.failure.output.trim().split('\n').slice(-3).join('; ')
    throw refuse(
      `${given} cannot be unpacked${said ? `: ${said}` : ''}`,
      `an undamaged file that unpacks to no more than the ${showMiB(bytes)} that it says, and no paths that lead out of it`,
    )
  }
}

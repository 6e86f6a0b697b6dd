/** Writes a save into one file that another machine can import: the disks, the node image, and what is in the checkout. */

import { existsSync, renameSync, rmSync, statSync } from 'node:fs'
import { dirname, join, resolve } from 'node:path'
import { CommandError, LabError, UsageError } from '../declaration/errors.ts'
import { kindOf } from '../nodes/kind-of.ts'
import { savesPaths } from '../run/paths.ts'
import { rootPrefixInShell, runOnHost } from '../run/process.ts'
import type { Progress } from '../run/progress.ts'
import { timeouts } from '../run/timeouts.ts'
import { shellQuote } from '../terminal/shell-quote.ts'
import type { Save } from './saves.ts'

/** What a save's disks need of extended attributes: an overlay's own, and the capabilities of programs. */
export const keptAttributes = ['trusted.overlay.*', 'security.capability']
  .map((name) => `--xattrs-include=${shellQuote(name)}`)
  .join(' ')

/** The folders of all labs, and of their images. */
interface Places {
  labs: string
  images: string
}

const onThisMachine: Places = { labs: '/var/lib/duostack', images: '/var/cache/duostack/images' }

/** Throws UsageError for a place where no new file can be. */
function checkTarget(file: string): void {
  const where = './lab export'
  if (existsSync(file)) {
    throw new UsageError([{ where, given: `${file}, which exists already`, allowed: 'a new file' }])
  }
  if (statSync(dirname(file), { throwIfNoEntry: false })?.isDirectory()) return
  throw new UsageError([{ where, given: `a file in ${dirname(file)}, which is no folder`, allowed: 'a new file' }])
}

/** zstd comes with most systems, but not with all. */
export async function expectZstd(where: string): Promise<void> {
  try {
    await runOnHost('zstd', ['--version'], { step: 'zstd', timeoutSeconds: timeouts.machine.look.seconds })
  } catch (error) {
    if (!(error instanceof CommandError)) throw error
    const remedy = 'sudo apt-get install zstd'
    throw new LabError([{ where, given: 'no program zstd on this machine', allowed: 'zstd on PATH', remedy }])
  }
}

/**
 * The lab may run meanwhile: nothing of a save is ever written to. The file is there when it is whole, mode 0600. Gives
 * its checksum. The caller holds the lab's lock.
 */
export async function exportSave(
  save: Save,
  given: string,
  progress: Progress,
  places: Places = onThisMachine,
): Promise<{ bytes: number; sha256: string }> {
  const file = resolve(given)
  checkTarget(file)
  if (!kindOf(save).checkpoint.carries) {
    const what = `of virtual machines (${save.hypervisor}), which stay on this machine`
    throw new LabError([{ where: `save ${save.name}`, given: what, allowed: 'a save of containers (lxc)' }])
  }
  await expectZstd('./lab export')
  const partial = `${file}.partial`
  if (existsSync(partial)) progress.line(`  ${partial} is of an export that was interrupted: it begins anew`)
  try {
    await progress.step(`export ${save.name}`, async (note) => {
      await runOnHost('bash', ['-s'], {
        step: `export ${save.name} to ${file}`,
        input: exportScript(save, partial, places),
        timeoutSeconds: timeouts.machine.carried.seconds,
        onLine: (line) => {
          const [, read] = /^read (\d+)/.exec(line) ?? []
          if (read) note(`${read} MiB read`)
        },
      })
    })
    const { stdout } = await progress.step('checksum', () =>
      runOnHost('sha256sum', ['--', partial], { step: 'checksum', timeoutSeconds: timeouts.machine.carried.seconds }),
    )
    renameSync(partial, file)
    return { bytes: statSync(file).size, sha256: stdout.replace(/^\\/, '').slice(0, 64) }
  } finally {
    rmSync(partial, { force: true })
  }
}

/**
 * tar says every 256 MiB how far it is. A lab that was imported itself has its image among its layers. zstd ends with this
 * program, and tar with it: what is still being written must not become part of the next export.
 */
function exportScript(save: Save, partial: string, { labs, images }: Places): string {
  const { of, layers } = savesPaths({ id: save.id, paths: { data: join(labs, save.id) } })
  const image = join(images, save.imageDigest, 'root')
  const tree = save.ownImage ? '' : `-C "$(dirname "$(realpath ${shellQuote(image)})")" --exclude='root/dev/*' root`
  const inRoot = `set -eu
cd ${shellQuote(of(save.name))}
mapfile -t layers < <(cat nodes/* | sort -u)
exec tar --xattrs ${keptAttributes} --numeric-owner --sparse --checkpoint=25600 \\
  --checkpoint-action=exec='echo "read $((TAR_CHECKPOINT / 100)) MiB" >&2' \\
  -cf - save.json checkout.tar nodes volumes -C ${shellQuote(layers)} "\${layers[@]}" ${tree}`
  return `set -euo pipefail
umask 077
rm -f ${shellQuote(partial)}
${rootPrefixInShell()}bash -c ${shellQuote(inRoot)} | setpriv --pdeathsig TERM zstd -q -3 -T0 -c >${shellQuote(partial)}
`
}

/** Writes a save into one file that another machine can import: the disks, the node image, and what is in the checkout. */

import { existsSync, renameSync, rmSync, statSync } from 'node:fs'
import { dirname, join, resolve } from 'node:path'
import { LabError, UsageError } from '../declaration/errors.ts'
import { kindOf } from '../nodes/kind-of.ts'
import { asRoot } from '../run/as-root.ts'
import { savesPaths } from '../run/paths.ts'
import { runOnHost } from '../run/process.ts'
import type { Progress } from '../run/progress.ts'
import { timeouts } from '../run/timeouts.ts'
import { shellQuote } from '../terminal/shell-quote.ts'
import { checkEncryption, type Encryption, encryptInShell, expectProgram } from './encryption.ts'
import { manifestParts, withManifest } from './manifest.ts'
import { compressFromRoot, countInShell, noteRead, writeInShell } from './pack.ts'
import { readAllSaves, type Save, writeSave } from './saves.ts'

/** The folders of all labs, and of their images. */
interface Places {
  labs: string
  images: string
}

const onThisMachine: Places = { labs: '/var/lib/duostack', images: '/var/cache/duostack/images' }

/** Throws UsageError for a place where no new file can be. `where`: the command. */
export function checkTarget(file: string, where: string): void {
  if (existsSync(file)) {
    throw new UsageError([{ where, given: `${file}, which exists already`, allowed: 'a new file' }])
  }
  if (statSync(dirname(file), { throwIfNoEntry: false })?.isDirectory()) return
  throw new UsageError([{ where, given: `a file in ${dirname(file)}, which is no folder`, allowed: 'a new file' }])
}

export interface ExportOptions {
  progress: Progress
  encryption?: Encryption | undefined
  /** Only for a machine that has its node image; virtual machines work with none but their own, which goes along. */
  withoutImage?: boolean
  places?: Places
}

/** Throws LabError for a save that no other machine could continue. `again`: the command, of another save. */
export function expectCarried({ name, id, memory }: Save, again: (name: string) => string): void {
  if (!memory) return
  const taken = readAllSaves().flatMap((save) => (save.id === id ? [save.name] : []))
  const names = ['off', ...taken.map((_, index) => `off-${index + 2}`)].map((end) => `${name.slice(0, 30)}-${end}`)
  const other = names.find((one) => !taken.includes(one))!
  throw new LabError([
    {
      where: `save ${name}`,
      given: 'holds the memory of running nodes, which continues on this machine only',
      allowed: 'a save of a lab that was stopped',
      remedy: `./lab stop && ./lab save ${other} && ./lab start && ${again(other)}`,
    },
  ])
}

export const sumOf = async (file: string): Promise<string> => {
  const options = { step: 'checksum', timeoutSeconds: timeouts.machine.carried.seconds }
  return (await runOnHost('sha256sum', ['--', file], options)).stdout.replace(/^\\/, '').slice(0, 64)
}

/**
 * The lab may run meanwhile: nothing of a save is ever written to. The file is there when it is whole, mode 0600. Gives
 * its checksum. The caller holds the lab's lock.
 */
export async function exportSave(
  save: Save,
  given: string,
  { progress, encryption, withoutImage = false, places = onThisMachine }: ExportOptions,
): Promise<{ bytes: number; sha256: string }> {
  const file = resolve(given)
  checkTarget(file, './lab export')
  expectCarried(save, (name) => `./lab export ${name} ${shellQuote(given)}`)
  await expectProgram('zstd', './lab export')
  if (encryption) await checkEncryption(encryption, './lab export')
  const partial = `${file}.partial`
  if (existsSync(partial)) progress.line(`  ${partial} is of an export that was interrupted: it begins anew`)
  const write = (note: (detail: string) => void) =>
    runOnHost('bash', ['-s'], {
      step: `export ${save.name} to ${file}`,
      input: compressFromRoot(collect(save, places, withoutImage), partial, encryption && encryptInShell(encryption)),
      timeoutSeconds: timeouts.machine.carried.seconds,
      onLine: noteRead(note),
    })
  try {
    // While age asks for a passphrase, nothing else may write on the terminal.
    if (encryption === 'passphrase') await write(() => {})
    else await progress.step(`export ${save.name}`, write)
    const sha256 = await progress.step('checksum', () => sumOf(partial))
    // So that an import of the file as a new lab on this machine shares the layers.
    await asRoot('remember the file', writeSave({ ...save, source: sha256 }, folderOf(save, places).of(save.name)))
    renameSync(partial, file)
    return { bytes: statSync(file).size, sha256 }
  } finally {
    rmSync(partial, { force: true })
  }
}

const folderOf = (save: Save, { labs }: Places) => savesPaths({ id: save.id, paths: { data: join(labs, save.id) } })

/**
 * Bash, for root. A lab that was imported itself has its image among its layers, and virtual machines have theirs in the
 * save; a layer that labs share is a link to where it is.
 */
function collect(save: Save, places: Places, withoutImage: boolean): string {
  const { of, layers } = folderOf(save, places)
  const folder = shellQuote(of(save.name))
  const { checkpoint, image } = kindOf(save)
  const root = join(places.images, save.imageDigest, 'root')
  const tree =
    save.ownImage || withoutImage || image === 'disk'
      ? ''
      : `what+=(-C "$(dirname "$(realpath ${shellQuote(root)})")" --exclude='root/dev/*' root)`
  const [before, after] = manifestParts(save)
  return `set -eu
umask 077
# What is said of the file lies in the save itself: one that is killed leaves it there, for the next one to replace.
work=${folder}/exporting
trap 'rm -rf "$work"' EXIT
install -d -m 0700 "$work"
what=(-C ${folder} checkout.tar ${checkpoint.entries.join(' ')})
for layer in $(cat ${folder}/nodes/* | sort -u); do
  what+=(-C "$(dirname "$(realpath ${shellQuote(layers)}/"$layer")")" "$layer")
done
${tree}
${countInShell}
printf '%s%s%s' ${shellQuote(before)} ${withManifest} ${shellQuote(after)} >"$work/manifest.json"
${writeInShell('-C "$work" manifest.json')}`
}

/**
 * The exchange of a lab for the one of a save: what is laid down beside it takes its place, and what was there is kept
 * aside until the restored lab answers. A file says how far it is, so that one that was killed is finished by the next
 * command.
 */

import {
  chmodSync,
  copyFileSync,
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  statSync,
} from 'node:fs'
import { dirname, join } from 'node:path'
import { z } from 'zod'
import { keepApplied } from '../declaration/applied.ts'
import { replaceFile } from '../declaration/files.ts'
import { asRoot } from '../run/as-root.ts'
import { shellQuote } from '../terminal/shell-quote.ts'

const journalSchema = z.strictObject({
  save: z.string(),
  /** The lab's folder on this machine, and what of it is exchanged. */
  data: z.string(),
  entries: z.array(z.string()),
  /** Files and folders of the checkout that are exchanged. */
  files: z.array(z.string()),
  /** `staging`: nothing is exchanged yet. */
  direction: z.enum(['staging', 'forward', 'back']),
})
export type Exchange = z.output<typeof journalSchema>

/** In the checkout: laid down beside what it replaces; what was replaced; how far it is. */
export function exchangePaths(root: string) {
  const inState = (name: string) => join(root, '.lab', name)
  return { staged: inState('restoring'), aside: inState('before-restore'), journal: inState('restore.json') }
}

/** The same in the lab's folder on this machine. */
export const stagedDisks = (data: string) => join(data, 'restoring')

export function readExchange(root: string): Exchange | undefined {
  const { journal } = exchangePaths(root)
  return existsSync(journal) ? journalSchema.parse(JSON.parse(readFileSync(journal, 'utf8'))) : undefined
}

/** From now on it is finished in its direction, whatever happens. Safe to repeat. */
export async function exchange(root: string, change: Exchange): Promise<void> {
  replaceFile(exchangePaths(root).journal, JSON.stringify(change))
  if (change.direction === 'forward') await goForward(root, change)
  if (change.direction === 'back') await goBack(root, change)
}

async function goForward(root: string, { data, entries, files }: Exchange): Promise<void> {
  const { staged, aside } = exchangePaths(root)
  await inFolder(
    `install -d -m 0700 before
for name in ${words(entries)}; do
  [ -e "restoring/$name" ] || continue
  if [ -e "$name" ]; then mv -T "$name" "before/$name"; fi
  mv -T "restoring/$name" "$name"
done`,
    data,
  )
  for (const file of files) {
    if (existsSync(join(staged, file))) replace(join(staged, file), join(root, file), join(aside, file))
  }
}

/**
 * A folder is renamed. A file is written anew, whole or not at all: it is never missing in between, where a command looks
 * for the identity, and may be on another file system.
 */
function replace(from: string, place: string, aside: string): void {
  for (const path of [aside, place]) mkdirSync(dirname(path), { recursive: true, mode: 0o700 })
  const [isFolder, keeps] = [statSync(from).isDirectory(), existsSync(place) && !existsSync(aside)]
  if (isFolder) {
    if (keeps) renameSync(place, aside)
    renameSync(from, place)
    return
  }
  if (keeps) copyFileSync(place, aside)
  writeOver(from, place)
}

function writeOver(from: string, place: string): void {
  replaceFile(place, readFileSync(from))
  chmodSync(place, statSync(from).mode & 0o777)
  rmSync(from)
}

async function goBack(root: string, { data, entries, files }: Exchange): Promise<void> {
  const { aside } = exchangePaths(root)
  await inFolder(
    `for name in ${words(entries)}; do
  [ -e "before/$name" ] || continue
  if [ -e "$name" ]; then rm -rf "restoring/$name"; mkdir -p restoring; mv -T "$name" "restoring/$name"; fi
  mv -T "before/$name" "$name"
done`,
    data,
  )
  for (const file of files) {
    const [kept, place] = [join(aside, file), join(root, file)]
    if (!existsSync(kept)) continue
    if (!statSync(kept).isDirectory()) {
      writeOver(kept, place)
      continue
    }
    rmSync(place, { recursive: true, force: true })
    renameSync(kept, place)
  }
}

/**
 * The lab that is in place stays; what is beside it goes. Gives the files of the declaration that were replaced and
 * differ from those now in place; they are kept in `.lab/declaration-before-restore`.
 */
export async function endExchange(root: string, data: string): Promise<string[]> {
  const { staged, aside, journal } = exchangePaths(root)
  const changed = keepDeclaration(root, aside)
  await inFolder('rm -rf --one-file-system before restoring', data)
  for (const folder of [aside, staged]) rmSync(folder, { recursive: true, force: true })
  // Last what says that there is something to finish.
  rmSync(journal, { force: true })
  return changed
}

function keepDeclaration(root: string, aside: string): string[] {
  const [from, to] = [join(aside, 'ansible-vars'), join(root, '.lab/declaration-before-restore')]
  if (!existsSync(from)) return []
  const files = readdirSync(from, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile() && entry.name.endsWith('.yml') && entry.name !== 'secrets.yml')
    .map((entry) => join(entry.parentPath, entry.name).slice(from.length + 1))
  const content = (folder: string, file: string) =>
    existsSync(join(folder, file)) ? readFileSync(join(folder, file), 'utf8') : undefined
  const changed = files.filter((file) => content(from, file) !== content(join(root, 'ansible-vars'), file)).sort()
  if (changed.length > 0) rmSync(to, { recursive: true, force: true })
  for (const file of changed) {
    mkdirSync(dirname(join(to, file)), { recursive: true, mode: 0o700 })
    replaceFile(join(to, file), content(from, file)!)
  }
  return changed.map((file) => `ansible-vars/${file}`)
}

/**
 * What a killed restore has begun is finished: a lab that was to be exchanged is, one that was not is as it was. To be
 * called by whoever holds the lab's lock, before anything of the lab is read. Says what it did.
 */
export async function finishExchange(root: string, say: (line: string) => void): Promise<void> {
  const begun = readExchange(root)
  if (!begun) return
  await exchange(root, begun)
  // The next save keeps this as what the lab was built from.
  if (begun.direction !== 'staging') keepApplied(root)
  await endExchange(root, begun.data)
  const lab = begun.direction === 'forward' ? `that of save ${begun.save}` : 'as it was before'
  say(`  a restore was interrupted: the lab is now ${lab}`)
}

/** For a lab that is about to be removed: what of the checkout was set aside is back, whatever becomes of the disks. */
export async function takeExchangeBack(root: string): Promise<void> {
  const begun = readExchange(root)
  if (begun?.direction === 'forward') await exchange(root, { ...begun, direction: 'back' })
}

const words = (names: readonly string[]) => names.map(shellQuote).join(' ')

const inFolder = (script: string, data: string) =>
  asRoot('exchange the disks of the lab', `[ -d ${shellQuote(data)} ] || exit 0\ncd ${shellQuote(data)}\n${script}`)

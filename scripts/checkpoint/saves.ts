/** Which saves there are on this machine of the labs of one checkout, and which one a name means. */

import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { z } from 'zod'
import { LabError, UsageError } from '../declaration/errors.ts'
import { hypervisors, isolations } from '../declaration/lab.ts'
import { nearestTo } from '../declaration/nearest.ts'
import { shellQuote } from '../terminal/shell-quote.ts'

/** Of what is in a save's folder. */
export const saveFormat = 1

/** What `lab_checkpoint` saves, and `./lab reset` restores. */
export const freshName = 'fresh'

const saveSchema = z.strictObject({
  format: z.literal(saveFormat),
  name: z.string(),
  /** Of the lab. */
  id: z.string(),
  lab: z.string(),
  /** The checkout that it was saved from. */
  root: z.string(),
  /** ISO 8601. */
  created: z.iso.datetime(),
  hypervisor: z.enum(hypervisors),
  isolation: z.enum(isolations),
  imageDigest: z.string(),
  nodes: z.array(z.string()),
  /** What it takes on the disk, besides what it shares with earlier saves. */
  bytes: z.int().min(0),
  /** It was imported, with a node image of its own. */
  ownImage: z.literal(true).optional(),
  /** It holds the memory of its nodes, which continues on the same machine only. */
  memory: z.strictObject({ processor: z.string(), qemu: z.string() }).optional(),
  /** SHA-256 of the file that it was exported to or imported from last. */
  source: z
    .string()
    .regex(/^[0-9a-f]{64}$/)
    .optional(),
  /** It was imported as a new lab: after a restore, `up` gives the services their new secrets. */
  asNew: z.literal(true).optional(),
})
export type Save = z.output<typeof saveSchema>

/** `/var/lib/duostack/saves`; a folder for each lab id. */
const savesFolder = '/var/lib/duostack/saves'

const nameRule = /^[a-z0-9][a-z0-9-]{0,39}$/

/** Throws UsageError for a name that a folder could not safely have. */
export function checkSaveName(name: string): void {
  if (nameRule.test(name)) return
  const allowed = 'lower-case letters, digits and hyphens, beginning with a letter or a digit, at most 40 characters'
  throw new UsageError([{ where: 'name of a save', given: JSON.stringify(name), allowed }])
}

const listFolder = (path: string): string[] => {
  try {
    return readdirSync(path).sort()
  } catch {
    return []
  }
}

/** Undefined for one that another version of this tool made. */
export function parseSave(text: string): Save | undefined {
  try {
    return saveSchema.parse(JSON.parse(text))
  } catch {
    return undefined
  }
}

/** Bash: writes what a save is into its folder, whole or not at all. `$bytes`, where it is set, is its size. */
export function writeSave(save: Save, folder: string): string {
  const [before = '', after = ''] = JSON.stringify(save).split(/(?<="bytes":)\d+/)
  return `cd ${shellQuote(folder)}
printf '%s%s%s\\n' ${shellQuote(before)} "\${bytes:-${save.bytes}}" ${shellQuote(after)} >save.json.new
chmod 0644 save.json.new
sync save.json.new
mv -f save.json.new save.json`
}

function readSave(file: string): Save | undefined {
  try {
    return parseSave(readFileSync(file, 'utf8'))
  } catch {
    return undefined
  }
}

/** Saves of these labs that are there and cannot be read: damaged, or made by another version of this tool. */
export function readUnreadable(ids: Iterable<string>, folder = savesFolder) {
  const readable = readAllSaves(folder)
  return [...new Set(ids)].flatMap((id) =>
    listFolder(join(folder, id, 'saves'))
      .filter((name) => nameRule.test(name) && !readable.some((save) => save.id === id && save.name === name))
      .map((name) => ({ id, name, path: join(folder, id, 'saves', name) })),
  )
}

/** Those of this checkout's labs, also of removed ones, the oldest first. */
export const readSaves = (root: string, folder = savesFolder): Save[] =>
  readAllSaves(folder).filter((save) => save.root === root)

/** One that is half written has no name yet. */
export function readAllSaves(folder = savesFolder): Save[] {
  return listFolder(folder)
    .flatMap((id) => listFolder(join(folder, id, 'saves')).map((name) => ({ id, name })))
    .filter(({ name }) => nameRule.test(name))
    .flatMap(({ id, name }) => {
      const save = readSave(join(folder, id, 'saves', name, 'save.json'))
      return save?.id === id && save.name === name ? [save] : []
    })
    .sort((a, b) => a.created.localeCompare(b.created))
}

/** Of the lab that is here; without one, the newest of this name. Throws LabError if there is none. */
export function findSave(
  saves: readonly Save[],
  name: string,
  id: string | undefined,
  folder: string = savesFolder,
): Save {
  checkSaveName(name)
  if (id && readUnreadable([id], folder).some((save) => save.name === name)) throw new LabError([unreadable(name)])
  const named = saves.filter((save) => save.name === name)
  const found = named.find((save) => save.id === id) ?? named.at(-1)
  if (found) return found
  const names = [...new Set(saves.map((save) => save.name))]
  const near = nearestTo(name, names)
  const remedy = near ? `did you mean ${near}?` : './lab saves'
  throw new LabError([
    { where: `save ${name}`, given: 'no such save', allowed: names.join(', ') || 'there is none yet', remedy },
  ])
}

const unreadable = (name: string) => ({
  where: `save ${name}`,
  given: 'damaged, or made by another version of this tool',
  allowed: `a save of format ${saveFormat}, as this version makes it`,
  remedy: `use the version that made it, or ./lab save --delete ${name}`,
})

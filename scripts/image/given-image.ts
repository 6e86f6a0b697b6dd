/**
 * An image that the user names, for Glance or for the nodes: a local file or a URL to download; and what is read from
 * it.
 */

import { createHash } from 'node:crypto'
import { createReadStream, existsSync, readFileSync, statSync } from 'node:fs'
import { open } from 'node:fs/promises'
import { basename, dirname, join, resolve } from 'node:path'
import { type Checksum, findInList, listsBeside, parseChecksum } from '../cloud/checksum.ts'
import { type Disk, detectDisk, headBytes, tailBytes } from '../cloud/disk-format.ts'
import type { DiskFormat } from '../cloud/file-signs.ts'
import { LabError, UsageError } from '../declaration/errors.ts'
import type { Lab } from '../declaration/lab.ts'
import { countBytes, download, fetchText } from '../run/download.ts'
import type { Progress } from '../run/progress.ts'
import { withWorkFolder } from '../run/work-folder.ts'
import { checkWhole } from './whole-disk.ts'

export const isUrl = (word: string) => /^https?:\/\//i.test(word)

/** `debian-12.qcow2`, of a path or an address: to be shown and to be looked for in lists, never to be a path. */
function fileName(source: string): string {
  if (!isUrl(source)) return basename(source)
  const raw = basename(urlOf(source).pathname)
  try {
    const decoded = decodeURIComponent(raw)
    return /[/\\\p{Cc}]/u.test(decoded) ? raw : decoded
  } catch {
    return raw
  }
}

function urlOf(source: string): URL {
  if (isUrl(source) && URL.canParse(source)) return new URL(source)
  throw new UsageError([
    { where: source, given: 'not a valid URL', allowed: 'http://HOST/PATH, https://HOST/PATH or a file' },
  ])
}

/** The checksum that was given, or that is in a list beside the file. Undefined if nobody says one. */
export async function expectedChecksum(source: string, given: string | undefined): Promise<Checksum | undefined> {
  if (given === undefined) {
    for (const name of listsBeside(fileName(source))) {
      const found = findInList((await readList(beside(source, name))) ?? '', fileName(source))
      if (found) return found
    }
    return undefined
  }
  const where = '--checksum'
  const parsed = parseChecksum(given)
  if (parsed && 'value' in parsed) return parsed
  if (parsed) throw new LabError([{ where, ...parsed }])
  const list = await readList(given)
  const allowed = 'sha256:HEX, sha512:HEX, or the path or URL of a list such as SHA256SUMS'
  if (list === undefined) throw new LabError([{ where, given: given || 'an empty value', allowed }])
  const found = findInList(list, fileName(source))
  if (found) return found
  throw new LabError([
    { where: given, given: `no line for ${fileName(source)}`, allowed: 'a list with a line for this file' },
  ])
}

const beside = (source: string, name: string) =>
  isUrl(source) ? new URL(encodeURIComponent(name), source).href : join(dirname(source), name)

async function readList(place: string): Promise<string | undefined> {
  if (isUrl(place)) return fetchText(place)
  const isList = existsSync(place) && statSync(place).isFile() && statSync(place).size < 10_000_000
  return isList ? readFileSync(place, 'utf8') : undefined
}

/** Runs `work` with a file that holds the image; a fetched one is removed afterwards. */
export async function withFile<T>(
  lab: Pick<Lab, 'paths'>,
  source: string,
  progress: Progress,
  work: (file: string) => Promise<T>,
) {
  if (!isUrl(source)) {
    checkFile(source)
    // qemu-img would take a name with a colon for an address.
    return work(resolve(source))
  }
  return withWorkFolder(lab.paths.cache, 'download', async (folder) => {
    const file = join(folder, 'image')
    await progress.step(`download ${source}`, (note) => download(source, file, note), { stack: 'image', name: 'fetch' })
    return work(file)
  })
}

/** Throws UsageError for an address that can be none; whether a file is there is looked at when it is needed. */
export function checkSource(source: string): void {
  if (/^[a-z]+:\/\//i.test(source)) urlOf(source)
}

function checkFile(path: string): void {
  const stat = statSync(path, { throwIfNoEntry: false })
  const given = !stat ? 'no such file' : stat.isFile() ? undefined : 'not a regular file'
  if (given) throw new UsageError([{ where: path, given, allowed: 'a disk image, or its URL (http, https)' }])
}

export interface Content {
  bytes: number
  disk: Disk
  sums: readonly Checksum[]
}

/** Reads the whole file once. Throws LabError if it is no disk image, or not the one that it should be. */
export async function readContent(
  file: string,
  shown: string,
  { expected, claimed, progress }: { expected?: Checksum; claimed?: DiskFormat; progress: Progress },
): Promise<Content> {
  const bytes = statSync(file).size
  const { head, tail } = await readEnds(file, bytes)
  const disk = detectDisk(head, bytes, { file: shown, tail, ...(claimed ? { claimed } : {}) })
  if ('given' in disk) throw new LabError([{ where: shown, ...disk }])
  const title = `checksums of ${fileName(shown)}`
  const sums = await progress.step(title, (note) => readSums(file, bytes, note), { stack: 'image', name: 'checksums' })
  const found = sums.find(({ algorithm }) => algorithm === expected?.algorithm)
  if (expected && found?.value !== expected.value) {
    const given = `${expected.algorithm} ${found?.value}`
    const remedy = 'download it again: it is damaged, incomplete or a different version'
    throw new LabError([{ where: shown, given, allowed: `${expected.algorithm} ${expected.value}`, remedy }])
  }
  const broken = await checkWhole(resolve(file), disk.format)
  if (broken) throw new LabError([{ where: shown, ...broken }])
  return { bytes, disk, sums }
}

async function readEnds(file: string, size: number): Promise<{ head: Buffer; tail: Buffer }> {
  const handle = await open(file)
  const read = async (length: number, at: number) => {
    const { buffer, bytesRead } = await handle.read(Buffer.alloc(length), 0, length, at)
    return buffer.subarray(0, bytesRead)
  }
  try {
    return { head: await read(headBytes, 0), tail: await read(tailBytes, Math.max(0, size - tailBytes)) }
  } finally {
    await handle.close()
  }
}

async function readSums(file: string, total: number, note: (detail: string) => void): Promise<Checksum[]> {
  const hashes = { sha256: createHash('sha256'), sha512: createHash('sha512') }
  let done = 0
  for await (const chunk of createReadStream(file, { highWaterMark: 1 << 20 })) {
    for (const hash of Object.values(hashes)) hash.update(chunk)
    done += chunk.length
    note(countBytes(done, total))
  }
  return (['sha256', 'sha512'] as const).map((algorithm) => ({ algorithm, value: hashes[algorithm].digest('hex') }))
}

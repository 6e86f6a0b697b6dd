/** The file of a bundle while it is made: what goes into it is packed beside it, added to it and removed. */

import { existsSync, mkdirSync, readdirSync, statSync } from 'node:fs'
import { join } from 'node:path'
import { compressFromRoot, countInShell, noteRead, writeInShell } from '../checkpoint/pack.ts'
import { UsageError } from '../declaration/errors.ts'
import { runOnHost } from '../run/process.ts'
import type { Progress } from '../run/progress.ts'
import { timeouts } from '../run/timeouts.ts'
import { shellQuote } from '../terminal/shell-quote.ts'

/** In the file: the checkout, and in it the folder with everything else. */
export const top = 'duostack'
export const offlineFolder = 'offline'

export interface Archive {
  /** The folder beside the file. */
  work: string
  /** The file, until it is whole. */
  file: string
  /** For what is about to be added. */
  offline: string
}

const fileName = 'bundle.tar'
const programFolder = 'program'

/** Folders that are packed, and nothing of which is in the archive by this name. */
export const inWork = (work: string) => join(work, programFolder)

const where = './lab bundle'

/** It is removed as root: a folder of the user's that has the same name is not. */
function expectOwn(work: string): void {
  if (!existsSync(work)) return
  const own = [top, fileName, programFolder]
  if (statSync(work).isDirectory() && readdirSync(work).every((name) => own.includes(name))) return
  const allowed = `${work} not to exist, or to be of a bundle that was interrupted`
  throw new UsageError([{ where, given: `${work}, which has other files`, allowed, remedy: 'choose another name' }])
}

/** What root has made is among it. */
export async function removeWork(work: string): Promise<void> {
  if (!existsSync(work)) return
  await runOnHost('rm', ['-rf', '--one-file-system', '--', work], { step: `remove ${work}`, root: true })
}

/** Beside `target`, which is made of it. What an interrupted one has left there goes. */
export async function beginArchive(target: string): Promise<Archive> {
  const work = `${target}.partial`
  expectOwn(work)
  await removeWork(work)
  const offline = join(work, top, offlineFolder)
  mkdirSync(offline, { recursive: true, mode: 0o700 })
  return { work, file: join(work, fileName), offline }
}

/** All that is there for it. Whoever unpacks it owns what is in it. What has been added is not needed beside it any more. */
export async function append({ work, file, offline }: Archive, step: string): Promise<void> {
  const owner = ['--owner=root:0', '--group=root:0']
  const verb = existsSync(file) ? '-rf' : '-cf'
  await runOnHost('tar', [verb, file, ...owner, '--remove-files', '-C', work, top], {
    step: `${step}: add it to the archive`,
    timeoutSeconds: timeouts.machine.carried.seconds,
  })
  mkdirSync(offline, { recursive: true })
}

/** A part that is unpacked when zstd is there. `what`: tar's words for it. */
export async function addPart(
  archive: Archive,
  { name, title, what }: { name: string; title: string; what: readonly string[] },
  progress: Progress,
): Promise<void> {
  const inRoot = `set -eu\nwhat=(${what.map(shellQuote).join(' ')})\n${countInShell}\n${writeInShell()}`
  await progress.step(title, async (note) => {
    await runOnHost('bash', ['-s'], {
      step: title,
      input: compressFromRoot(inRoot, join(archive.offline, `${name}.tar.zst`)),
      timeoutSeconds: timeouts.machine.carried.seconds,
      onLine: noteRead(note),
    })
    await append(archive, title)
  })
}

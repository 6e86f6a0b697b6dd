/** An archive for other people: filled in a folder of its own, masked, then written whole or not at all. */

import { existsSync } from 'node:fs'
import { cp, mkdir, mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import type { Lab } from '../declaration/lab.ts'
import { loadSecrets } from '../declaration/secrets.ts'
import { runOnHost } from '../run/process.ts'
import { maskSecrets } from './logs/mask.ts'

/** In latin1, which keeps every byte of files that are no text. */
async function maskFiles(folder: string, secrets: readonly string[]): Promise<void> {
  for (const entry of await readdir(folder, { recursive: true, withFileTypes: true })) {
    const path = join(entry.parentPath, entry.name)
    // A link could point outside the archive, and has no content.
    if (entry.isSymbolicLink()) await rm(path)
    if (!entry.isFile()) continue
    const text = await readFile(path, 'latin1')
    const without = maskSecrets(text, secrets)
    if (without !== text) await writeFile(path, without, 'latin1')
  }
}

export interface Archive {
  /** Of the folder in it. */
  name: string
  /** Called with the archive. */
  write: (archive: Uint8Array) => void
  fill: (folder: string) => Promise<void>
}

/** Nothing is written before the archive is complete and masked. */
export async function writeArchive(lab: Lab, { name, write, fill }: Archive): Promise<void> {
  await mkdir(lab.paths.state, { recursive: true, mode: 0o700 })
  const work = await mkdtemp(join(lab.paths.state, 'export-'))
  try {
    await mkdir(join(work, name))
    await fill(join(work, name))
    await maskFiles(work, Object.values(loadSecrets(lab.root)))
    const archive = join(work, 'archive.tar.gz')
    await runOnHost('tar', ['-czf', archive, '-C', work, name], { step: 'pack the archive' })
    write(await readFile(archive))
  } finally {
    await rm(work, { recursive: true, force: true })
  }
}

/** ansible-vars/ without the secrets, the lab's identity, the times of the last `up`, and these files. */
export async function addDeclaration(
  lab: Lab,
  folder: string,
  documents: Readonly<Record<string, string>>,
): Promise<void> {
  await mkdir(folder, { recursive: true })
  for (const [name, text] of Object.entries(documents)) await writeFile(join(folder, name), text)
  const declaration = join(lab.root, 'ansible-vars')
  await cp(declaration, join(folder, 'ansible-vars'), { recursive: true, filter: (path) => path !== lab.paths.secrets })
  for (const name of ['lab.json', 'timings.json', 'terraform/choice.json']) {
    const file = join(lab.paths.state, name)
    if (existsSync(file)) await cp(file, join(folder, name.replace('/', '-')))
  }
}

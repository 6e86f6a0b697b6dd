/** The declaration of the lab used by the fault tests: saved, changed, restored. */

import { cp, lstat, mkdtemp, readdir, readFile, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { Copy } from '../harness/copy.ts'

const folderOf = (copy: Copy) => join(copy.root, 'ansible-vars')

/** The lab's secrets are never moved: without them its nodes could not be reached any more. */
async function readNames(folder: string): Promise<string[]> {
  return (await readdir(folder)).filter((name) => name !== 'secrets.yml')
}

/** Every path below a folder with its content; anything that is not a file, such as a device, is not read. */
async function readTree(folder: string): Promise<string> {
  const tree: string[] = []
  for (const name of (await readdir(folder, { recursive: true })).sort()) {
    const path = join(folder, name)
    tree.push(`${name}\n${(await lstat(path)).isFile() && name !== 'secrets.yml' ? await readFile(path, 'utf8') : ''}`)
  }
  return tree.join('\n')
}

/** Replaces everything in the folder except its secrets with the content of `from`. */
export async function replaceDeclaration(copy: Copy, from: string): Promise<void> {
  const folder = folderOf(copy)
  for (const name of await readNames(folder)) await rm(join(folder, name), { recursive: true })
  for (const name of await readNames(from)) await cp(join(from, name), join(folder, name), { recursive: true })
}

/** Returns a function that, once, restores the declaration as it is now and says whether that was needed. */
export async function keepDeclaration(copy: Copy): Promise<() => Promise<boolean>> {
  const kept = await mkdtemp(join(tmpdir(), 'duostack-declaration-'))
  const folder = folderOf(copy)
  for (const name of await readNames(folder)) await cp(join(folder, name), join(kept, name), { recursive: true })
  const before = await readTree(folder)
  return async () => {
    const changed = (await readTree(folder)) !== before
    if (changed) await replaceDeclaration(copy, kept)
    await rm(kept, { recursive: true })
    return changed
  }
}

/** A bug as another person can see it: what was declared, what was changed on purpose, what a launch did. */

import { mkdir, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { isExpected } from '../../declaration/errors.ts'
import type { Lab, LabNode } from '../../declaration/lab.ts'
import { loadSecrets } from '../../declaration/secrets.ts'
import { sshHost } from '../../run/ssh.ts'
import { scaled, timeouts } from '../../run/timeouts.ts'
import { readOnNodes } from '../../workbench/on-nodes.ts'
import { type AppliedPatch, listPatches } from '../../workbench/patches.ts'
import { addDeclaration, writeArchive } from '../archive.ts'
import { maskSecrets } from '../logs/mask.ts'
import { type PackedPatch, writeReadme } from './readme.ts'

export interface Repro {
  /** Called with the archive. */
  write: (archive: Uint8Array) => void
  /** name -> text. */
  documents: Readonly<Record<string, string>>
}

/** For a node that does not answer, a file says so: the rest is still worth sending. */
async function addPackages(lab: Lab, node: LabNode, folder: string): Promise<void> {
  const { name } = node
  const options = { step: `list the packages of ${name}`, timeoutSeconds: scaled(lab, timeouts.nodes.work) }
  const text = await sshHost(lab, node)
    .run('dpkg-query -W', options)
    .catch((error: unknown) => {
      if (isExpected(error)) return `not read: ${error.message}\n`
      throw error
    })
  await writeFile(join(folder, `packages-${name}.txt`), text)
}

async function readPatches(lab: Lab): Promise<AppliedPatch[] | undefined> {
  try {
    return await listPatches(lab)
  } catch (error) {
    if (isExpected(error)) return undefined
    throw error
  }
}

/** Numbered in the order in which they are to be applied. */
async function addPatches(lab: Lab, folder: string, patches: readonly AppliedPatch[]): Promise<PackedPatch[]> {
  const secrets = Object.values(loadSecrets(lab.root))
  if (patches.length > 0) await mkdir(join(folder, 'patches'))
  return Promise.all(
    patches.map(async ({ service, name, patch }, index) => {
      const file = `patches/${String(index + 1).padStart(2, '0')}-${service}-${name}`
      await writeFile(join(folder, file), patch)
      return { service, file, masked: maskSecrets(patch, secrets) !== patch }
    }),
  )
}

/** Nothing is written before the archive is complete and masked. */
export async function exportRepro(lab: Lab, { write, documents }: Repro): Promise<void> {
  const fill = async (folder: string) => {
    const [patches, onPurpose] = await Promise.all([readPatches(lab), readOnNodes(lab)])
    await addDeclaration(lab, folder, {
      ...documents,
      'overrides.json': `${JSON.stringify(lab.configOverrides, null, 2)}\n`,
    })
    const packed = await addPatches(lab, folder, patches ?? [])
    await Promise.all(lab.nodes.map((node) => addPackages(lab, node, folder)))
    const readme = writeReadme(lab, { onPurpose, patches: patches ? packed : undefined })
    await writeFile(join(folder, 'README.md'), readme)
  }
  await writeArchive(lab, { name: `duostack-repro-${lab.id}`, write, fill })
}

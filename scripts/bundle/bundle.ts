/** Makes one archive from which a machine without a network builds labs: this checkout and all that `up` would fetch. */

import { chmodSync, copyFileSync, existsSync, mkdirSync, renameSync, statSync, writeFileSync } from 'node:fs'
import { basename, join, resolve } from 'node:path'
import { expectProgram } from '../checkpoint/encryption.ts'
import { checkTarget, expectCarried, exportSave, sumOf } from '../checkpoint/export.ts'
import type { Save } from '../checkpoint/saves.ts'
import type { Declaration } from '../declaration/declaration.ts'
import { LabError } from '../declaration/errors.ts'
import { filesOf } from '../declaration/files-of-declaration.ts'
import { imageOf, loadDeclaration } from '../declaration/load.ts'
import { installedPackages, installPackages, missingPackages } from '../host/packages.ts'
import { hasTree } from '../image/closed-tree.ts'
import { ensureNodeImage } from '../image/node-image.ts'
import { nodeImageDigest } from '../image/recipe.ts'
import { ensureTestImage } from '../image/test-image.ts'
import { digestFile, testImageFile } from '../image/test-recipe.ts'
import { runOnHost } from '../run/process.ts'
import type { Progress } from '../run/progress.ts'
import { shellQuote } from '../terminal/shell-quote.ts'
import { cacheFolder, mirrorFolder } from '../terraform/cache.ts'
import { type Archive, addPart, append, beginArchive, inWork, removeWork, top } from './archive.ts'
import { bundledPackages, fetchPackages } from './packages.ts'
import { obtainTerraform } from './terraform.ts'

const where = './lab bundle'

export interface BundleOptions {
  progress: Progress
  /** Goes along, with the passwords of its lab. */
  save?: Save | undefined
}

/** Gives the checksum. The file is there when it is whole, mode 0600. The caller holds the checkout's lock. */
export async function makeBundle(
  root: string,
  given: string,
  { progress, save }: BundleOptions,
): Promise<{ bytes: number; sha256: string }> {
  const file = resolve(given)
  checkTarget(file, where)
  const declaration = loadDeclaration(root)
  if (declaration.stockImage) throw new LabError([noStockImage])
  if (save) expectCarried(save, (name) => `./lab bundle ${shellQuote(given)} --save ${name}`)
  await expectProgram('zstd', where)
  const files = await listCheckout(root)
  const archive = await beginArchive(file)
  try {
    const image = await obtainImage(declaration, progress)
    const program = await obtainTerraform(root, inWork(archive.work), progress)
    await progress.step('checkout', () => addCheckout(archive, { root, files, image }))
    await fetchPackages(join(archive.offline, 'packages'), declaration, progress)
    await append(archive, 'host packages')
    for (const part of partsOf(root, { image, program })) await addPart(archive, part, progress)
    if (save) await addSave(archive, save, { progress, withoutImage: save.imageDigest === image })
    const sha256 = await progress.step('checksum', () => sumOf(archive.file))
    renameSync(archive.file, file)
    return { bytes: statSync(file).size, sha256 }
  } finally {
    await removeWork(archive.work)
  }
}

const noStockImage = {
  where: 'lab_node_image',
  given: 'a stock image, for which packages are fetched during the deploy',
  allowed: 'in a bundle, the image that this tool builds',
  remedy: 'remove lab_node_image from ansible-vars/',
}

/**
 * What git knows, as it is here, and the declaration: not what else lies about, such as passwords.
 * Throws LabError where there is no list of it.
 */
export async function listCheckout(root: string): Promise<string[]> {
  const { stdout, exitCode } = await runOnHost('git', ['-C', root, 'ls-files', '-z'], {
    step: 'list the files of this checkout',
    allow: [0, 128],
  })
  if (exitCode !== 0 || !stdout) {
    throw new LabError([{ where: root, given: 'no git repository', allowed: 'a clone, whose files git can list' }])
  }
  const known = new Set([...stdout.split('\0').filter(Boolean), ...filesOf(root)])
  return [...known].filter((path) => existsSync(join(root, path)))
}

/** Gives its digest. */
async function obtainImage(declaration: Declaration, progress: Progress): Promise<string> {
  const digest = nodeImageDigest()
  const image = imageOf(digest)
  if (!hasTree(image)) {
    await installPackages(missingPackages(bundledPackages(declaration), await installedPackages()), progress)
  }
  await ensureNodeImage({ image }, 'tree', progress)
  await ensureTestImage({ image, testImage: testImageFile(image) }, progress)
  return digest
}

/** What is read before anything can be unpacked. */
async function addCheckout(
  archive: Archive,
  { root, files, image }: { root: string; files: readonly string[]; image: string },
): Promise<void> {
  const checkout = join(archive.work, top)
  const copy = 'tar -C "$1" --null -T - -cf - | tar -C "$2" -xf -'
  await runOnHost('bash', ['-euo', 'pipefail', '-c', copy, 'bash', root, checkout], {
    step: 'copy the checkout',
    input: files.join('\0'),
  })
  const install = join(archive.offline, 'install')
  copyFileSync(new URL('./install.sh', import.meta.url), install)
  writeFileSync(join(archive.offline, 'about'), `system=${shellQuote(await readSystem())}\nimage=${image}\n`)
  for (const path of [checkout, archive.offline, install]) chmodSync(path, 0o755)
  await append(archive, 'checkout')
}

/** `debian 12`, by which the other machine knows that the packages are for it. */
async function readSystem(): Promise<string> {
  const script = '. /etc/os-release && echo "$ID $VERSION_ID"'
  return (await runOnHost('sh', ['-euc', script], { step: 'read /etc/os-release' })).stdout.trim()
}

function partsOf(root: string, { image, program }: { image: string; program: string }) {
  const folder = imageOf(image)
  const testImage = [testImageFile, digestFile].map((of) => basename(of(folder)))
  const mirror = mirrorFolder().slice(cacheFolder().length + 1)
  // Compiled programs are kept by their path: they are compiled again there.
  const noCaches = ['--exclude=node_modules/.cache', '--exclude=node_modules/.vite*']
  return [
    {
      name: 'modules',
      title: 'node modules',
      what: [...noCaches, '-C', root, 'node_modules', 'terraform-providers/gen'],
    },
    {
      name: 'terraform',
      title: 'Terraform and its providers',
      what: ['-C', program, '.', '-C', cacheFolder(), mirror],
    },
    { name: 'image', title: 'node image', what: ['-C', folder, 'root', 'tree', 'packages', ...testImage] },
  ]
}

async function addSave(archive: Archive, save: Save, options: Parameters<typeof exportSave>[2]): Promise<void> {
  mkdirSync(join(archive.offline, 'saves'))
  await exportSave(save, join(archive.offline, 'saves', `${save.name}.tar.zst`), options)
  await append(archive, `save ${save.name}`)
}

/** Takes a save out of a file that somebody else may have made. Nothing of it is believed before it is looked at. */

import { existsSync, mkdirSync, statSync } from 'node:fs'
import { join, resolve } from 'node:path'
import { UsageError } from '../declaration/errors.ts'
import { newLabId } from '../declaration/identity.ts'
import type { Lab } from '../declaration/lab.ts'
import { imageOf } from '../declaration/load.ts'
import { measureTimeScale } from '../host/speed.ts'
import { hasTree } from '../image/closed-tree.ts'
import { kindOf } from '../nodes/kind-of.ts'
import { refuseImport as refuse } from '../nodes/refuse-import.ts'
import { asRoot } from '../run/as-root.ts'
import { savesPaths } from '../run/paths.ts'
import { rootPrefixInShell, runOnHost } from '../run/process.ts'
import type { Progress } from '../run/progress.ts'
import { timeouts } from '../run/timeouts.ts'
import { shellQuote } from '../terminal/shell-quote.ts'
import { readTerraformFacts } from '../terraform/facts.ts'
import { decrypted, expectProgram } from './encryption.ts'
import { sumOf } from './export.ts'
import { type Foreign, type Here, takeOver } from './foreign.ts'
import { packHostFiles } from './host-files.ts'
import { beginImport, endImport, finishImport, nameImport } from './import-begun.ts'
import { makeNew, renewLayer, shareTwin } from './new-lab.ts'
import { checkSaveName, readAllSaves, type Save, writeSave } from './saves.ts'
import { checkSize, makeFolder, readManifest, unpack } from './unpack.ts'

export interface ImportOptions {
  progress: Progress
  /** Makes a new lab of this name of it, beside its original. */
  as?: string | undefined
  /** A file of age, for an encrypted file; without it, age asks for a passphrase. */
  identity?: string | undefined
  /** Where labs are on this machine. */
  base?: string
  /** Where node images are on this machine. */
  images?: string
  /** What this machine decides for the lab; found out where absent. */
  here?: Here
}

function checkHead({ id, name, hypervisor, imageDigest, nodes, memory }: Save, as: string | undefined): void {
  checkSaveName(name)
  if (!/^(?!0{8})[0-9a-f]{8}$/.test(id)) throw refuse('an impossible lab id', 'eight hex digits')
  if (memory) throw refuse('a save with the memory of its nodes', 'a save of a lab that was stopped')
  const { single } = kindOf({ hypervisor }).checkpoint.carriage
  if (as && single) throw refuse(`--as ${as} for a lab of ${hypervisor}: ${single}`, 'an import without --as')
  if (!/^[0-9a-f]{64}$/.test(imageDigest)) throw refuse('an impossible digest of a node image', '64 hex digits')
  if (nodes.length > 50) throw refuse(`${nodes.length} nodes`, 'up to 50 nodes')
}

function expectNew(id: string, base: string): void {
  const there = [join(base, id), join(base, 'saves', id)].find((path) => existsSync(path))
  if (!there) return
  throw refuse(
    `a save of lab ${id}, which this machine has already (${there})`,
    'a lab that is not on this machine',
    './lab saves, ./lab restore NAME; or --as NAME makes a new lab of it',
  )
}

/** One import on its way. */
interface Import {
  root: string
  /** What the file says, and then what is made of it. */
  head: Save
  source: string
  as: string | undefined
  /** A save on this machine with the same content, whose layers are shared. */
  twin: Save | undefined
  base: string
  images: string
  paths: ReturnType<typeof savesPaths>
  partial: string
  work: string
}

export interface Imported {
  save: Save
  lab: Lab
  shared: boolean
}

/** Gives the save, which `restore` then takes like any other. The caller holds the checkout's lock. */
export async function importSave(root: string, given: string, options: ImportOptions): Promise<Imported> {
  const { progress, as, base = '/var/lib/duostack', images = '/var/cache/duostack/images', here } = options
  const file = resolve(given)
  if (!statSync(file, { throwIfNoEntry: false })?.isFile()) {
    throw new UsageError([{ where: './lab import', given: `${file}, which is no file`, allowed: 'a file' }])
  }
  await expectProgram('zstd', './lab import')
  await finishImport(root, progress, base)
  const work = beginImport(root)
  const newId = as ? newLabId() : undefined
  try {
    const plain = await decrypted(file, work, options.identity)
    const manifest = await progress.step('look into the file', () => readManifest(plain, file))
    const head = manifest.save
    checkHead(head, as)
    const source = await progress.step('checksum', () => sumOf(file))
    const twin = as ? readAllSaves(join(base, 'saves')).find((save) => save.source === source) : undefined
    if (!newId) expectNew(head.id, base)
    const id = nameImport(root, newId ?? head.id)
    const paths = savesPaths({ id, paths: { data: join(base, id) } })
    const partial = paths.of(`.${head.name}.partial`)
    await makeFolder(base, partial)
    if (twin) await shareTwin(twin, { paths, partial })
    else {
      await checkSize(manifest, plain, base)
      await progress.step('unpack it', () => unpack(plain, file, manifest, partial))
    }
    const one: Import = { root, head, source, as, twin, base, images, paths, partial, work }
    return await progress.step('check it', async () =>
      settle(one, await judge(one, here ?? (await lookHere(root, head)), id)),
    )
  } finally {
    await endImport(root, base)
  }
}

async function lookHere(root: string, { hypervisor }: Save): Promise<Here> {
  const [{ program }, capabilities, timeScale] = await Promise.all([
    readTerraformFacts(root),
    kindOf({ hypervisor }).capabilities(),
    measureTimeScale(hypervisor),
  ])
  // Where there is none, prepare installs OpenTofu.
  return { terraform: program ?? { name: 'tofu', path: 'tofu' }, capabilities, timeScale }
}

interface Judged extends Foreign {
  ownImage: boolean
}

async function judge(one: Import, here: Here, id: string): Promise<Judged> {
  const { head, as, twin, partial, work, base } = one
  const [raw, clean] = [join(work, 'raw'), join(work, 'clean')]
  for (const folder of [raw, clean]) mkdirSync(folder, { recursive: true, mode: 0o700 })
  await runOnHost('bash', ['-s'], {
    step: 'unpack what is for the checkout',
    input: `set -euo pipefail
${rootPrefixInShell()}cat ${shellQuote(join(partial, 'checkout.tar'))} | head -c 50000000 |
  tar -xf - --no-same-owner --no-same-permissions -C ${shellQuote(raw)}
`,
    timeoutSeconds: timeouts.machine.command.seconds,
  })
  const foreign = takeOver(raw, clean, here)
  const { hypervisor, isolation, imageDigest } = foreign.identity
  const said = twin ?? head
  if (
    foreign.identity.id !== said.id ||
    hypervisor !== said.hypervisor ||
    isolation !== said.isolation ||
    imageDigest !== said.imageDigest
  ) {
    throw refuse('two different labs', 'one lab in all parts of the file')
  }
  const ownImage = twin ? twin.ownImage === true : await bringsImage(one)
  // A twin's were looked at when it was imported, or are this machine's own.
  if (!twin) {
    const { lab } = foreign
    const placed = { ...lab, paths: { ...lab.paths, data: join(base, lab.id) } }
    await kindOf(lab).checkpoint.carriage.accept(placed, partial)
  }
  return { ...(as ? makeNew(clean, foreign, { id, name: as }) : foreign), ownImage }
}

/** One of a bundle has none: it is in the cache of this machine. */
async function bringsImage({ head, images, partial }: Import): Promise<boolean> {
  if (head.ownImage) return true
  const { image } = kindOf(head).checkpoint.carriage
  const script = `if [ -e ${shellQuote(join(partial, image))} ]; then echo yes; fi`
  if ((await asRoot('look for the node image', script)).stdout !== '') return true
  if (hasTree(join(images, head.imageDigest))) return false
  const given = `a save without its node image ${head.imageDigest.slice(0, 12)}, which this machine does not have either`
  throw refuse(given, 'a file that ./lab export made, or one of a bundle that is installed here')
}

/** Makes it a save like the others, but with its own image: a stranger's is never given to other labs. */
async function settle(one: Import, { identity, lab, ownImage }: Judged): Promise<Imported> {
  const { root, head, source, as, twin, paths, partial, work } = one
  await packHostFiles(join(work, 'clean'), partial)
  const { ownImage: _, asNew, ...rest } = twin ?? head
  const save: Save = {
    ...rest,
    name: head.name,
    id: identity.id,
    lab: identity.name,
    root,
    nodes: lab.nodes.map(({ name }) => name),
    source,
    ...(ownImage ? { ownImage: true } : {}),
    ...(as || asNew ? { asNew: true } : {}),
  }
  await asRoot(
    'end the import',
    `cd ${shellQuote(partial)}
install -d -m 0700 ${shellQuote(paths.layers)}
for layer in $(cat nodes/* | sort -u); do if [ -e "$layer" ]; then mv -T "$layer" ${shellQuote(paths.layers)}/"$layer"; fi; done
${as && !twin?.asNew ? renewLayer(paths.layers, `${imageOf(save.imageDigest)}/root`) : ''}
chown root:root . nodes nodes/* checkout.tar; chmod 0600 checkout.tar; chmod 0755 nodes
rm -f manifest.json
${writeSave(save, partial)}
chmod 0755 .
mv -T ${shellQuote(partial)} ${shellQuote(paths.of(save.name))}`,
  )
  return { save, lab, shared: twin !== undefined }
}

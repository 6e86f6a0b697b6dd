/** Brings a lab back to a save. The lab as it is stays beside it until the restored nodes answer. */

import { existsSync } from 'node:fs'
import { readdir } from 'node:fs/promises'
import { join } from 'node:path'
import { keepApplied } from '../declaration/applied.ts'
import { LabError } from '../declaration/errors.ts'
import { filesOf } from '../declaration/files-of-declaration.ts'
import { readIdentity } from '../declaration/identity.ts'
import type { Lab, LabHandle } from '../declaration/lab.ts'
import { composeLab, dataOf, imageOf, loadDeclaration, loadLabToRemove } from '../declaration/load.ts'
import { ensureDataFolder } from '../host/data-folder.ts'
import { prepare } from '../host/prepare.ts'
import { hasTree } from '../image/closed-tree.ts'
import { readInventory } from '../libvirt/inventory.ts'
import { removeDomain, runVirsh } from '../libvirt/virsh.ts'
import { kindOf } from '../nodes/kind-of.ts'
import type { Checkpoint } from '../nodes/node-kind.ts'
import { type Machine, readMachine } from '../nodes/vm-memory.ts'
import { savesPaths } from '../run/paths.ts'
import { StoppedError, stoppedExitCode } from '../run/progress/stop.ts'
import type { Progress } from '../run/progress.ts'
import { type Exchange, endExchange, exchange, exchangePaths, stagedDisks } from './exchange.ts'
import { unpackHostFiles } from './host-files.ts'
import { restoreNetworks } from './networks.ts'
import type { Save } from './saves.ts'
import { removeSaves } from './tidy.ts'

export interface RestoreOptions {
  progress: Progress
  /** Starts the lab's nodes, inside the lab, and gives an exit code: 0 when they answer. */
  start(lab: Lab): Promise<number>
}

/** Throws LabError for a save that cannot take the place of the lab that is here. */
export function checkRestore(save: Save, living: { id: string; name?: string } | undefined): Checkpoint {
  const where = `save ${save.name}`
  if (living && living.id !== save.id) {
    const given = `of lab ${save.id} (${save.hypervisor}, isolation ${save.isolation})`
    const allowed = `a save of the lab that is here, ${living.id}`
    throw new LabError([{ where, given, allowed, remedy: `./lab down, then ./lab restore ${save.name}` }])
  }
  const { checkpoint, image: kind } = kindOf(save)
  const image = imageOf(save.imageDigest)
  // Virtual machines have theirs in the save.
  if (kind === 'disk' || save.ownImage || hasTree(image)) return checkpoint
  const remedy = `check out the version of this tool that made it and run ./lab up in a second checkout; or ./lab save --delete ${save.name}`
  throw new LabError([
    { where, given: `made of node image ${save.imageDigest.slice(0, 12)}, which is gone`, allowed: image, remedy },
  ])
}

/** Throws LabError for a save with memory that another processor or another QEMU has written. */
export async function checkMemory({ name, memory }: Pick<Save, 'name' | 'memory'>): Promise<void> {
  if (!memory) return
  const here = await readMachine()
  const show = ({ processor, qemu }: Machine) => `${processor}, QEMU ${qemu}`
  if (show(here) === show(memory)) return
  const given = `holds the memory of running nodes, saved on ${show(memory)}`
  const remedy = `restore it on such a machine; this one has ${show(here)}`
  throw new LabError([{ where: `save ${name}`, given, allowed: 'the same processor and the same QEMU', remedy }])
}

export interface Restored {
  lab: Lab
  /** Files of the declaration that were replaced by other content; kept in `.lab/declaration-before-restore`. */
  replaced: readonly string[]
}

/**
 * The caller holds the lab's lock. Returns when the restored nodes answer. If they cannot be started, the lab that was
 * here is put back in its place and started.
 */
export async function restoreLab(root: string, save: Save, options: RestoreOptions): Promise<Restored> {
  const { progress } = options
  const living = readIdentity(root) ? loadLabToRemove(root) : undefined
  const checkpoint = checkRestore(save, living)
  await checkMemory(save)
  const { lab, change } = await makeReady(root, save, { checkpoint, living, progress })
  await progress.step('exchange the lab for the saved one', () => exchange(root, { ...change, direction: 'forward' }))
  try {
    await begin(root, save, options)
  } catch (error) {
    if (!living) throw error
    progress.line('  ! the restored lab cannot be started: the lab as it was is put back')
    await switchOff(lab, checkpoint)
    await exchange(root, { ...change, direction: 'back' })
    await endExchange(root, change.data)
    // Where it was stopped by Ctrl-C, nothing more is started.
    await begin(root, save, options).catch(() => {})
    throw error
  }
  const replaced = await endExchange(root, change.data)
  await removeSaves(lab)
  return { lab, replaced }
}

interface Ready {
  checkpoint: Checkpoint
  living: LabHandle | undefined
  progress: Progress
}

/** If it fails, as on a full disk, nothing of it stays beside the lab. */
async function makeReady(root: string, save: Save, { checkpoint, living, progress }: Ready) {
  try {
    const laid = await progress.step(`lay save ${save.name} down`, () => layDown(root, save, checkpoint))
    if (living) await progress.step('switch the nodes off', () => switchOff(living, checkpoint))
    return laid
  } catch (error) {
    await endExchange(root, dataOf(save.id)).catch(() => {})
    throw error
  }
}

/** Nothing of the lab is touched: it is unpacked beside it. */
async function layDown(root: string, save: Save, checkpoint: Checkpoint): Promise<{ lab: Lab; change: Exchange }> {
  const { staged } = exchangePaths(root)
  const data = dataOf(save.id)
  const change: Exchange = { save: save.name, data, entries: [], files: [], direction: 'staging' }
  await exchange(root, change)
  const folder = savesPaths({ id: save.id, paths: { data } }).of(save.name)
  await unpackHostFiles(folder, staged)
  const identity = readIdentity(staged)
  if (identity?.id !== save.id || identity.hypervisor !== save.hypervisor) throw new LabError([damaged(save)])
  const lab = composeLab(root, loadDeclaration(staged), identity)
  await ensureDataFolder(lab)
  await checkpoint.layDown(lab, folder, stagedDisks(data))
  const own = (await readdir(join(staged, '.lab'))).map((name) => `.lab/${name}`)
  const files = [...filesOf(staged), 'ansible-vars/secrets.yml', ...own].filter((file) =>
    existsSync(join(staged, file)),
  )
  return { lab, change: { ...change, entries: [...checkpoint.entries], files } }
}

const damaged = (save: Save) => ({
  where: `save ${save.name}`,
  given: 'does not hold the identity of its lab',
  allowed: 'a save as ./lab save makes it',
  remedy: `./lab save --delete ${save.name}`,
})

/** Hard: what the nodes have done since the save is thrown away. Their domains are defined anew when they are started. */
async function switchOff(lab: LabHandle, checkpoint: Checkpoint): Promise<void> {
  await checkpoint.note?.(lab)
  const { domains } = await readInventory(lab)
  await Promise.all(
    domains.map((domain) =>
      runVirsh(lab.libvirtUris[domain.driver], [removeDomain(domain).join('; ')], {
        step: `switch ${domain.name} off`,
        allow: [0, 1],
      }),
    ),
  )
  await checkpoint.release(lab)
}

/** Of the lab that is in place. Throws if its nodes do not answer. */
async function begin(root: string, save: Save, { progress, start }: RestoreOptions): Promise<void> {
  const lab = await prepare(root, { progress, purpose: 'start' })
  keepApplied(root)
  await restoreNetworks(lab, savesPaths(lab).of(save.name))
  const exitCode = await start(lab)
  if (exitCode === stoppedExitCode) throw new StoppedError()
  if (exitCode !== 0) throw new LabError([notStarted(save, exitCode)])
}

const notStarted = (save: Save, exitCode: number) => ({
  where: `save ${save.name}`,
  given: `its nodes did not start (exit code ${exitCode}); see the reason above`,
  allowed: 'nodes that answer',
  remedy: './lab doctor',
})

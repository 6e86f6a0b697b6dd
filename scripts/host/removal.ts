/**
 * Removes a lab, for `down` and for `up --rebuild`: confirmation, removal by id, and the rest of it in the checkout.
 */

import { existsSync } from 'node:fs'
import { readdir, rename, rm } from 'node:fs/promises'
import { join } from 'node:path'
import { createInterface } from 'node:readline/promises'
import { takeExchangeBack } from '../checkpoint/exchange.ts'
import { finishImport } from '../checkpoint/import-begun.ts'
import { readAllSaves, readUnreadable } from '../checkpoint/saves.ts'
import { describeKept } from '../checkpoint/text.ts'
import { removeSaves } from '../checkpoint/tidy.ts'
import { LabError } from '../declaration/errors.ts'
import type { LabHandle } from '../declaration/lab.ts'
import { describeInventory, describeLeft } from '../libvirt/inventory.ts'
import { lockFile } from '../run/lock.ts'
import type { Progress } from '../run/progress.ts'
import { obtainRoot } from '../run/sudo.ts'
import { showDuration } from '../terminal/amounts.ts'
import { tell } from '../terminal/print.ts'
import { stackNames, stateFile } from '../terraform/state.ts'
import { sweep } from './sweep.ts'

/** What is to be removed: the lab of this checkout, or what one left whose checkout is gone. */
export interface Target {
  lab: LabHandle
  orphan: boolean
  /** With what was saved of it. */
  purge?: boolean
}

const describeLab = ({ name, id }: LabHandle) => (name ? `${name} (${id})` : id)

export const confirmRemoval = (lab: LabHandle, command: string): Promise<boolean> =>
  confirm(`Remove lab ${describeLab(lab)} with all its nodes, instances and volumes?`, command)

/** Asks on the terminal; throws LabError if there is none. `command` is what `--yes` is added to. */
export async function confirm(question: string, command: string): Promise<boolean> {
  if (!process.stdin.isTTY) {
    throw new LabError([
      { where: command, given: 'no terminal to ask for confirmation', allowed: 'a confirmation', remedy: 'add --yes' },
    ])
  }
  const prompt = createInterface({ input: process.stdin, output: process.stderr })
  try {
    const answer = await prompt.question(`${question} [y/N] `)
    return /^y(es)?$/i.test(answer.trim())
  } finally {
    prompt.close()
  }
}

/**
 * True if nothing is left; else what is left stands on stderr. A cloud that is about to vanish is not emptied, and
 * services have nothing on this machine: only libvirt's objects and the sweep's are removed. The states are set aside
 * first, so that a run killed here is not taken for an existing lab. The caller holds the lock of a lab of this checkout.
 */
export async function removeLab({ lab, orphan, purge = false }: Target, progress: Progress): Promise<boolean> {
  await obtainRoot()
  const started = performance.now()
  // What of the declaration a killed restore has set aside is the user's. The lab itself is removed in any condition.
  if (!orphan) await takeExchangeBack(lab.root).catch(() => {})
  if (!orphan) await finishImport(lab.root, progress).catch(() => {})
  for (const state of orphan ? [] : stackNames.map((stack) => stateFile(lab, stack))) {
    if (existsSync(state)) await rename(state, `${state}.set-aside`)
  }
  const place = { stack: 'down', name: 'sweep' }
  const list = describeInventory(await progress.step('remove the lab', (note) => sweep(lab, progress, note), place))
  if (list.length > 0) {
    tell(`down: ${describeLeft(lab, list)}`)
    return false
  }
  if (!orphan) await emptyStateFolder(lab)
  // Frees the layers that only this lab's nodes had. What was saved belongs to the user.
  const saves = purge ? [...savesOf(lab), ...readUnreadable([lab.id])] : []
  await removeSaves(
    lab,
    saves.map(({ name }) => name),
  ).catch(() => {})
  tell(`down: nothing is left of lab ${describeLab(lab)}; ${showDuration(performance.now() - started)}`)
  const kept = describeKept(
    savesOf(lab),
    readUnreadable([lab.id]).map(({ path }) => path),
  )
  if (kept) tell(kept)
  return true
}

const savesOf = (lab: LabHandle) => readAllSaves().filter(({ id }) => id === lab.id)

/** All but the lock, which is still held. */
async function emptyStateFolder({ root, paths }: LabHandle): Promise<void> {
  for (const name of await readdir(paths.state).catch(() => [])) {
    const path = join(paths.state, name)
    if (path !== lockFile(root)) await rm(path, { recursive: true, force: true })
  }
}

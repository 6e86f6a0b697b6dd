/** `./lab save NAME`: the whole lab at one moment; and `--delete`, which removes a save. */

import { defineCommand } from 'citty'
import { checkSave } from '../checkpoint/save.ts'
import { findSave, readSaves, readUnreadable } from '../checkpoint/saves.ts'
import { removeSaves } from '../checkpoint/tidy.ts'
import { finishBegun } from '../checkpoint/unfinished.ts'
import { expectLab } from '../declaration/expect-lab.ts'
import { expectNoExercise } from '../declaration/expect-no-exercise.ts'
import { readIdentity } from '../declaration/identity.ts'
import { loadLab, loadLabOfId } from '../declaration/load.ts'
import { withLock } from '../run/lock.ts'
import { enterLab } from '../run/namespace.ts'
import { ownProgram } from '../run/own-program.ts'
import { StoppedError, stoppedExitCode } from '../run/progress/stop.ts'
import { beVerbose } from '../run/progress/trace.ts'
import { terminalProgress } from '../run/progress.ts'
import { obtainRoot } from '../run/sudo.ts'
import { showMiB } from '../terminal/amounts.ts'
import { tell } from '../terminal/print.ts'
import { checkout } from './checkout.ts'
import { sayStopping } from './stopping.ts'

/** Gives the exit code. The caller holds the lock. */
export async function save(name: string): Promise<number> {
  const lab = loadLab(checkout)
  checkSave(lab, name)
  const exitCode = await enterLab(lab, ownProgram(process.argv[1]!, 'checkpoint', 'save', name))
  const made = readSaves(checkout).find((one) => one.name === name && one.id === lab.id)
  if (made) tell(`save: ${name} is saved, ${showMiB(made.bytes)}; ./lab restore ${name} brings the lab back to it`)
  if (exitCode === stoppedExitCode) throw new StoppedError()
  return exitCode
}

async function remove(name: string): Promise<void> {
  const id = readIdentity(checkout)?.id
  const damaged = readUnreadable(id ? [id] : []).find((save) => save.name === name)
  const found = damaged ?? findSave(readSaves(checkout), name, id)
  await removeSaves(loadLabOfId(checkout, found.id), [name])
  tell(`save: ${name} is removed`)
}

export default defineCommand({
  meta: {
    name: 'save',
    description:
      'Saves the whole lab: shuts the nodes down (virtual machines are held, with their memory), keeps their disks, the volumes, the secrets, the states of Terraform and the declaration, starts the nodes again and verifies the lab.',
  },
  args: {
    name: { type: 'positional', required: true, description: 'a name for it: lower-case letters, digits, hyphens' },
    delete: { type: 'boolean', description: 'remove this save instead; the lab stays as it is' },
    verbose: { type: 'boolean', description: 'show every command that runs, here and on the nodes' },
  },
  async run({ args }) {
    if (args.verbose) beVerbose()
    await obtainRoot()
    if (!args.delete) expectLab(checkout)
    sayStopping('save', () => false)
    process.exitCode = await withLock(checkout, async () => {
      await finishBegun(checkout, terminalProgress())
      if (!args.delete) expectNoExercise(checkout, 'save')
      if (!args.delete) return save(args.name)
      await remove(args.name)
      return 0
    })
  },
})

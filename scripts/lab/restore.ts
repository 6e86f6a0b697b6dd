/** `./lab restore NAME`: the lab as it was when it was saved. */

import { defineCommand } from 'citty'
import { checkMemory, checkRestore, restoreLab } from '../checkpoint/restore.ts'
import { findSave, readSaves, type Save } from '../checkpoint/saves.ts'
import { finishBegun } from '../checkpoint/unfinished.ts'
import { expectNoExercise } from '../declaration/expect-no-exercise.ts'
import { readIdentity } from '../declaration/identity.ts'
import type { Lab } from '../declaration/lab.ts'
import { expectTerraform } from '../host/fitness.ts'
import { confirm } from '../host/removal.ts'
import { withLock } from '../run/lock.ts'
import { enterLab } from '../run/namespace.ts'
import { ownProgram } from '../run/own-program.ts'
import { steadyNow } from '../run/progress/clock.ts'
import { stoppedExitCode } from '../run/progress/stop.ts'
import { beVerbose } from '../run/progress/trace.ts'
import { terminalProgress } from '../run/progress.ts'
import { obtainRoot } from '../run/sudo.ts'
import { showDuration } from '../terminal/amounts.ts'
import { tell } from '../terminal/print.ts'
import { checkout } from './checkout.ts'
import { sayStopping } from './stopping.ts'
import { up } from './up.ts'

function outcome({ name, asNew }: Save, exitCode: number, took: string): string {
  if (exitCode === 0) return `the lab is as it was saved in ${name}; ${took}`
  if (exitCode === stoppedExitCode)
    return `${name} is restored, but was stopped before its checks had ended; ./lab ${asNew ? 'up' : 'verify'}`
  return `${name} is restored, but not all checks pass; ./lab doctor`
}

/** Gives the exit code. */
export async function restore(name: string, { yes, command }: { yes: boolean; command: string }): Promise<number> {
  const begun = steadyNow()
  const progress = terminalProgress()
  await obtainRoot()
  return withLock(checkout, async () => {
    await finishBegun(checkout, progress)
    // Its state would tell of faults that are gone.
    expectNoExercise(checkout, 'restore')
    const living = readIdentity(checkout)
    const save = findSave(readSaves(checkout), name, living?.id)
    checkRestore(save, living)
    await checkMemory(save)
    // Its up needs Terraform, and would be refused when the nodes run, with their original's secrets.
    if (save.asNew) await expectTerraform(checkout, living)
    const question = `Go back to save ${name} of ${save.created}? What was made in the lab since then is lost.`
    if (living && !yes && !(await confirm(question, command))) {
      tell('restore: canceled, nothing was changed')
      return 1
    }
    let inside = false
    sayStopping('restore', () => !inside)
    const run =
      (...words: string[]) =>
      (lab: Lab) => {
        inside = true
        return enterLab(lab, ownProgram(process.argv[1]!, ...words)).finally(() => {
          inside = false
        })
      }
    const start = run('checkpoint', 'start')
    const { lab, replaced } = await restoreLab(checkout, save, { progress, start })
    if (replaced.length > 0)
      tell(
        `restore: replaced by those of the save: ${replaced.join(', ')}; yours are in .lab/declaration-before-restore`,
      )
    // A new lab's services have the secrets of its original until then.
    const exitCode = save.asNew ? await up({}) : await run('checkpoint', 'verify')(lab)
    const took = showDuration(steadyNow() - begun)
    tell(`restore: ${outcome(save, exitCode, took)}`)
    return exitCode
  })
}

export default defineCommand({
  meta: {
    name: 'restore',
    description:
      'Brings the lab back to a save, and verifies it: what was made since then is gone, in the cloud and on the nodes. Asks first. Also works after `down`.',
  },
  args: {
    name: { type: 'positional', required: true, description: 'of the save; ./lab saves lists them' },
    yes: { type: 'boolean', description: 'do not ask' },
    verbose: { type: 'boolean', description: 'show every command that runs, here and on the nodes' },
  },
  async run({ args }) {
    if (args.verbose) beVerbose()
    process.exitCode = await restore(args.name, { yes: args.yes ?? false, command: `./lab restore ${args.name}` })
  },
})

/** `./lab plan`: what would be built, or what would change on a running lab; changes nothing. */

import { defineCommand } from 'citty'
import { describeFinding, LabError } from '../declaration/errors.ts'
import { readIdentity } from '../declaration/identity.ts'
import type { Lab } from '../declaration/lab.ts'
import { loadDeclaration, loadLab } from '../declaration/load.ts'
import { readFitness } from '../host/fitness.ts'
import { readChanges } from '../insight/plan/changes.ts'
import { showChanges } from '../insight/plan/changes-text.ts'
import { readPlan } from '../insight/plan/read-plan.ts'
import { drawPlan } from '../insight/plan/svg.ts'
import { showPlan } from '../insight/plan/text.ts'
import { enterLab, insideLab } from '../run/namespace.ts'
import { ownProgram } from '../run/own-program.ts'
import { terminalProgress } from '../run/progress.ts'
import { obtainRoot } from '../run/sudo.ts'
import { print } from '../terminal/print.ts'
import { tellScreen } from '../terminal/screen.ts'
import { checkout } from './checkout.ts'
import { jsonOption, printDocument } from './documents/document.ts'
import { planDocument } from './documents/plan.ts'

/** On stderr, as stdout is a document. */
function showAdvice(): void {
  for (const finding of loadDeclaration(checkout).advice ?? []) tellScreen(`! ${describeFinding(finding)}`)
}

/** What cannot change on a running lab is no plan: `up` refuses it before it touches anything. */
async function refuseAsUp(): Promise<void> {
  await obtainRoot()
  const { wrong } = await readFitness(checkout)
  if (wrong.length === 0) return
  tellScreen('./lab up would refuse this, before it changes anything:')
  throw new LabError(wrong)
}

async function show(living: Lab | undefined, format: { json: boolean; svg: boolean }): Promise<void> {
  if (format.svg) {
    print(drawPlan((await readPlan(checkout, living)).plan))
    return
  }
  const steps = terminalProgress()
  const changes = living && (await steps.step('compare with the running lab', (note) => readChanges(living, note)))
  if (format.json) printDocument(planDocument, { ...(await readPlan(checkout, living)), changes: changes ?? null })
  else if (changes) print(showChanges(changes))
  else print(`${showPlan(await readPlan(checkout, undefined))}\nNothing is built yet: ./lab up builds it`)
}

export default defineCommand({
  meta: {
    name: 'plan',
    description:
      'Shows what `up` would build, with totals compared with this machine and an estimate of the time; on a running lab, what it would change and why. Changes nothing.',
  },
  args: {
    json: { type: 'boolean', description: jsonOption },
    svg: { type: 'boolean', description: 'a picture of the lab on stdout' },
  },
  async run({ args }) {
    const identity = readIdentity(checkout)
    const lab = identity && loadLab(checkout)
    if (lab && (lab.isolation === 'none' || !insideLab(lab))) await refuseAsUp()
    if (lab && !insideLab(lab)) {
      process.exitCode = await enterLab(lab, ownProgram(process.argv[1]!, ...process.argv.slice(2)))
      return
    }
    showAdvice()
    await show(lab, { json: args.json ?? false, svg: args.svg ?? false })
  },
})

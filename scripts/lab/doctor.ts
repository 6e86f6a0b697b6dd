/**
 * `./lab doctor`: problems of the lab, their causes and what to do; `--host`: can this machine run the declared lab?
 */

import { defineCommand } from 'citty'
import { exitCode } from '../declaration/exit-codes.ts'
import { expectLab } from '../declaration/expect-lab.ts'
import { expectNoExercise, isExerciseRunning } from '../declaration/expect-no-exercise.ts'
import { readIdentity } from '../declaration/identity.ts'
import type { Lab } from '../declaration/lab.ts'
import { type Diagnosis, diagnose, isLabWell } from '../health/doctor/diagnose.ts'
import { type FixResult, fixLab, nameOf } from '../health/doctor/fix.ts'
import { showDiagnosis } from '../health/doctor/text.ts'
import { endingOf } from '../health/ending.ts'
import { readFitness } from '../host/fitness.ts'
import { reportOf, showHostReport } from '../host/report.ts'
import { withLock } from '../run/lock.ts'
import { enterLab, insideLab } from '../run/namespace.ts'
import { ownProgram } from '../run/own-program.ts'
import { terminalProgress } from '../run/progress.ts'
import { disconnect } from '../run/ssh.ts'
import { tell } from '../terminal/print.ts'
import { printScreen } from '../terminal/screen.ts'
import { checkout } from './checkout.ts'
import { type Content, jsonOption, printDocument } from './documents/document.ts'
import { doctorDocument, hostDocument } from './documents/health.ts'
import { loadRunningLab } from './running-lab.ts'

async function lookAtHost(json: boolean): Promise<number> {
  const { lines, kinds } = await readFitness(checkout)
  const report = reportOf(lines, kinds)
  if (json) printDocument(hostDocument, report)
  else printScreen(showHostReport(report))
  return exitCode(report.fit ? 'ok' : 'failed')
}

async function examine(lab: Lab, fix: boolean): Promise<FixResult> {
  if (fix) return withLock(lab, () => fixLab(lab, terminalProgress()))
  const left = await diagnose(lab)
  return { found: left.problems, fixed: [], left }
}

/** Repairs are functions and shell text: nothing for the reader of a document. */
function document({ found, fixed, left }: FixResult): Content<typeof doctorDocument> {
  const list = (problems: Diagnosis['problems']) =>
    problems.map(({ fix, explains: _, ofUser = false, ...problem }) => ({
      id: nameOf(problem),
      ...problem,
      ofUser,
      fixable: fix !== undefined,
    }))
  const { looked: rules, problems, unread, onPurpose } = left
  return {
    healthy: isLabWell(left),
    rules,
    problems: list(problems),
    unread,
    ...(onPurpose ? { onPurpose } : {}),
    fixed,
    found: list(found),
  }
}

async function lookAtLab(lab: Lab, fix: boolean, json: boolean): Promise<number> {
  try {
    const result = await examine(lab, fix)
    if (json) printDocument(doctorDocument, document(result))
    else printScreen(showDiagnosis(result.left))
    const { problems, unread } = result.left
    const broken = problems.some(({ ofUser }) => !ofUser)
    return exitCode(endingOf({ broken, blind: unread.length > 0, ofUser: problems.length > 0 }))
  } finally {
    disconnect()
  }
}

export default defineCommand({
  meta: {
    name: 'doctor',
    description:
      'Checks the lab for known problems and shows symptom, cause, evidence and next command. Exit code 0: no problems; 1: at least one; 3: only problems with things that users created; 5: no problems, but not everything could be checked. Without a lab it checks this machine.',
  },
  args: {
    host: { type: 'boolean', description: 'check this machine: what `up` checks before it changes anything' },
    fix: { type: 'boolean', description: 'repair what is safe to repair, then check again' },
    json: { type: 'boolean', description: jsonOption },
  },
  async run({ args, rawArgs }) {
    const [fix, json] = [args.fix ?? false, args.json ?? false]
    if (fix) expectLab(checkout)
    if (fix) expectNoExercise(checkout, 'doctor --fix')
    if (args.host || !readIdentity(checkout)) {
      process.exitCode = await lookAtHost(json)
      return
    }
    const lab = loadRunningLab(checkout)
    if (!insideLab(lab) && isExerciseRunning(checkout))
      tell('! an exercise is running: what it broke is among the problems')
    const self = ownProgram(process.argv[1]!, 'doctor', ...rawArgs)
    process.exitCode = insideLab(lab) ? await lookAtLab(lab, fix, json) : await enterLab(lab, self)
  },
})

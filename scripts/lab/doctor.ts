/**
 * `./lab doctor`: problems of the lab, their causes and what to do; `--host`: can this machine run the declared lab?
 */

import { defineCommand } from 'citty'
import { exitCode } from '../declaration/exit-codes.ts'
import { readIdentity } from '../declaration/identity.ts'
import type { Lab } from '../declaration/lab.ts'
import { loadLab } from '../declaration/load.ts'
import { type Diagnosis, diagnose } from '../health/doctor/diagnose.ts'
import { type FixResult, fixLab } from '../health/doctor/fix.ts'
import { showDiagnosis } from '../health/doctor/text.ts'
import { endingOf } from '../health/ending.ts'
import { readFitness } from '../host/fitness.ts'
import { reportOf, showHostReport } from '../host/report.ts'
import { withLock } from '../run/lock.ts'
import { enterLab, insideLab } from '../run/namespace.ts'
import { ownProgram } from '../run/own-program.ts'
import { terminalProgress } from '../run/progress.ts'
import { disconnect } from '../run/ssh.ts'
import { print } from '../terminal/print.ts'
import { checkout, expectLab } from './checkout.ts'

async function lookAtHost(json: boolean): Promise<number> {
  const { lines, kinds } = await readFitness(checkout)
  const report = reportOf(lines, kinds)
  print(json ? JSON.stringify(report, null, 2) : showHostReport(report))
  return exitCode(report.fit ? 'ok' : 'failed')
}

async function examine(lab: Lab, fix: boolean): Promise<FixResult> {
  if (fix) return withLock(lab, () => fixLab(lab, terminalProgress()))
  const left = await diagnose(lab)
  return { found: left.findings, fixed: [], left }
}

/** Repairs are functions and shell text: nothing for the reader of a document. */
const document = ({ found, fixed, left }: FixResult) => {
  const list = (findings: Diagnosis['findings']) =>
    findings.map(({ fix, explains: _, ofUser = false, ...finding }) => ({
      ...finding,
      ofUser,
      fixable: fix !== undefined,
    }))
  return { looked: left.looked, findings: list(left.findings), blind: left.blind, found: list(found), fixed }
}

async function lookAtLab(lab: Lab, fix: boolean, json: boolean): Promise<number> {
  try {
    const result = await examine(lab, fix)
    print(json ? JSON.stringify(document(result), null, 2) : showDiagnosis(result.left))
    const { findings, blind } = result.left
    const broken = findings.some(({ ofUser }) => !ofUser)
    return exitCode(endingOf({ broken, blind: blind.length > 0, ofUser: findings.length > 0 }))
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
    json: { type: 'boolean', description: 'one JSON document on stdout' },
  },
  async run({ args, rawArgs }) {
    const [fix, json] = [args.fix ?? false, args.json ?? false]
    if (fix) expectLab(checkout)
    if (args.host || !readIdentity(checkout)) {
      process.exitCode = await lookAtHost(json)
      return
    }
    const lab = loadLab(checkout)
    const self = ownProgram(process.argv[1]!, 'doctor', ...rawArgs)
    process.exitCode = insideLab(lab) ? await lookAtLab(lab, fix, json) : await enterLab(lab, self)
  },
})

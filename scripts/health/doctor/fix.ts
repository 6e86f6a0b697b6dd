/** Examining a lab, and with it repairing what is safe to repair, until it is quiet. */

import { isExpected } from '../../declaration/errors.ts'
import type { Lab } from '../../declaration/lab.ts'
import type { Steps } from '../../run/progress.ts'
import { scaled, timeouts } from '../../run/timeouts.ts'
import { poll } from '../../run/wait-for.ts'
import { type Diagnosis, diagnose, type Problem } from './diagnose.ts'
import { describeFix, distinctFixes, repair } from './repair.ts'

export interface FixResult {
  /** What was found first. */
  found: Problem[]
  /** `rule about` of what was repaired. */
  fixed: string[]
  /** What is left. */
  left: Diagnosis
}

const rounds = 5

/** The same in every run. */
export const nameOf = ({ rule, about }: Pick<Problem, 'rule' | 'about'>) => `${rule} ${about}`

/** Explains all findings of a rule, wherever they are: a broker, a database. */
const isFoundation = ({ explains = [] }: Problem) => explains.some((one) => !one.includes(' '))

/** Up to the first that others rest on: a service that is started while its broker comes back waits in vain. */
export function untilFoundation<T extends Problem>(due: readonly T[]): T[] {
  const foundation = due.findIndex(isFoundation)
  return foundation < 0 ? [...due] : due.slice(0, foundation + 1)
}

/** What became of the problems whose own repair failed. */
export const describeFailed = (failed: readonly string[], left: readonly Problem[]): string[] =>
  failed.map((name) =>
    left.some((one) => nameOf(one) === name)
      ? `${name}: the repair failed`
      : `${name}: its own repair failed, but another repair solved the problem`,
  )

/** Repairs each finding that has a safe repair, looks again, and repairs what only then could be seen. */
export async function fixLab(lab: Lab, progress: Steps): Promise<FixResult> {
  const first = await diagnose(lab)
  const tried = new Set<string>()
  const fixed: string[] = []
  const failed: string[] = []
  let left = first
  for (let round = 0; round < rounds; round++) {
    const due = untilFoundation(distinctFixes(left.problems.filter((one) => !tried.has(nameOf(one)))))
    if (due.length === 0) break
    for (const finding of due) {
      tried.add(nameOf(finding))
      const worked = await attempt(lab, finding, progress)
      ;(worked ? fixed : failed).push(nameOf(finding))
    }
    left = await settle(lab, left.problems, tried)
  }
  for (const line of describeFailed(failed, left.problems)) progress.line(line)
  return { found: first.problems, fixed, left }
}

async function attempt(lab: Lab, finding: Parameters<typeof repair>[1], progress: Steps): Promise<boolean> {
  try {
    await progress.step(`${nameOf(finding)}: ${describeFix(finding.fix)}`, () => repair(lab, finding))
    return true
  } catch (error) {
    if (!isExpected(error)) throw error
    progress.line(error.message)
    return false
  }
}

async function settle(lab: Lab, found: readonly Problem[], tried: ReadonlySet<string>): Promise<Diagnosis> {
  // What was there at first and has no repair stays: it is not waited for.
  const lasting = new Set(found.filter(({ fix }) => !fix).map(nameOf))
  // What followed from a problem that was repaired mostly recovers by itself: it has all the time there is.
  const recovering = new Set(found.flatMap(({ follows }) => follows))
  const isSettled = (left: Diagnosis, waitedSeconds: number) => {
    const passing = left.problems.filter((one) => !lasting.has(nameOf(one)))
    if (passing.length === 0) return left.unread.length === 0
    const isNew = passing.every((one) => one.fix && !tried.has(nameOf(one)) && !recovering.has(nameOf(one)))
    // What shows only after a repair, and is still there after this, is repaired too.
    return isNew && waitedSeconds > scaled(lab, timeouts.verify.newFinding)
  }
  return (await poll(lab, { timeoutSeconds: timeouts.verify.repaired.seconds }, () => diagnose(lab), isSettled)).seen
}

/** Examining a lab, and with it repairing what is safe to repair, until it is quiet. */

import { setTimeout as sleep } from 'node:timers/promises'
import type { Lab } from '../declaration/lab.ts'
import { isExpected } from '../errors.ts'
import type { Steps } from '../progress.ts'
import { type Diagnosis, diagnose, type Finding } from './diagnose.ts'
import { describeFix, distinctFixes, repair } from './repair.ts'

export interface Treatment {
  /** What was found first. */
  found: Finding[]
  /** `rule about` of what was repaired. */
  fixed: string[]
  /** What is left. */
  left: Diagnosis
}

/** What was repaired needs a moment until it is seen everywhere; for native speed. */
const settleSeconds = 60

/** Repairs each finding that has a safe repair, then looks again until nothing is left that time or a repair could end. */
export async function treat(lab: Lab, progress: Steps): Promise<Treatment> {
  const first = await diagnose(lab)
  const fixed: string[] = []
  for (const finding of distinctFixes(first.findings)) {
    const title = `${finding.rule} of ${finding.about}: ${describeFix(finding.fix)}`
    try {
      await progress.step(title, () => repair(lab, finding))
      fixed.push(`${finding.rule} ${finding.about}`)
    } catch (error) {
      if (!isExpected(error)) throw error
      progress.line(error.message)
    }
  }
  if (fixed.length === 0) return { found: first.findings, fixed, left: first }
  return { found: first.findings, fixed, left: await settle(lab, first.findings) }
}

async function settle(lab: Lab, found: readonly Finding[]): Promise<Diagnosis> {
  // What was there at first and has no repair stays: it is not waited for.
  const lasting = new Set(found.filter(({ fix }) => !fix).map(({ rule, about }) => `${rule} ${about}`))
  const end = performance.now() + settleSeconds * lab.timeScale * 1000
  for (;;) {
    const left = await diagnose(lab)
    const passing = left.findings.some(({ rule, about }) => !lasting.has(`${rule} ${about}`)) || left.blind.length > 0
    if (!passing || performance.now() > end) return left
    await sleep(1000 * Math.min(lab.timeScale, 5))
  }
}

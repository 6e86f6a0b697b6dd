/** Runs all checks of this machine. Pure: facts in, findings out. Nothing is changed while there are findings. */

import type { Finding } from '../declaration/errors.ts'
import type { HostFacts } from './facts.ts'
import type { HostCheck, Wanted } from './host-check.ts'
import { labChecks } from './preflight-lab.ts'
import { machineChecks } from './preflight-machine.ts'
import { toolChecks } from './preflight-tools.ts'

/** In the order in which a person would fix the problems. */
const checks: readonly HostCheck[] = [...machineChecks, ...toolChecks, ...labChecks]

/** All that keeps the lab from being built. */
export function checkHost(facts: HostFacts, wanted: Wanted): Finding[] {
  return checks.filter(({ advice }) => !advice).flatMap(({ findings }) => findings(facts, wanted))
}

/** What is worth knowing before a lab is built, and keeps none from it; of the declaration also where it stands. */
export function adviseHost(facts: HostFacts, wanted: Wanted): Finding[] {
  const { advice = [] } = wanted.declaration
  if (wanted.living) return [...advice]
  const ofMachine = checks.filter((check) => check.advice).flatMap(({ findings }) => findings(facts, wanted))
  return [...advice, ...ofMachine]
}

export interface HostLine {
  what: string
  /** `fine`, `advice`: can be left so, `wrong`: `up` would refuse. */
  verdict: 'fine' | 'advice' | 'wrong'
  /** What was found; empty if there are findings, which say it. */
  seen: string
  findings: Finding[]
}

/** `seen`: what is told where nothing was found. */
export function lineOf(look: Pick<HostLine, 'what' | 'findings' | 'seen'> & { advice?: true | undefined }): HostLine {
  const { what, findings, advice } = look
  const isFine = findings.length === 0
  return { what, verdict: isFine ? 'fine' : advice ? 'advice' : 'wrong', seen: isFine ? look.seen : '', findings }
}

/** Every check with what it found, good or bad. */
export function lookAtHost(facts: HostFacts, wanted: Wanted): HostLine[] {
  const lines = checks.map(({ what, findings, seen, advice }) => {
    const found = findings(facts, wanted)
    return lineOf({ what, advice, findings: found, seen: found.length === 0 ? seen(facts, wanted) : '' })
  })
  const { advice = [] } = wanted.declaration
  return advice.length > 0
    ? [...lines, { what: 'overrides', verdict: 'advice', seen: '', findings: [...advice] }]
    : lines
}

/** The output of `./lab doctor --host`: all checks of this machine for the declared lab, passed and failed. */

import { describeFinding } from '../declaration/errors.ts'
import type { Hypervisor, Isolation } from '../declaration/lab.ts'
import { visibleIn } from '../terminal/visible.ts'
import type { Choice } from './hypervisor.ts'
import type { Kinds } from './kinds.ts'
import type { HostLine } from './preflight.ts'

export interface HostReport {
  /** Nothing keeps a lab from being built, or brought to what is declared. */
  fit: boolean
  /** What the nodes are or would be, and where the lab lives, each with its reason. */
  hypervisor: Choice<Hypervisor | 'auto'>
  isolation: Choice<Isolation>
  lines: readonly HostLine[]
}

export function reportOf(lines: readonly HostLine[], { hypervisor, isolation }: Kinds): HostReport {
  return { fit: lines.every(({ verdict }) => verdict !== 'wrong'), hypervisor, isolation, lines }
}

const marks = { fine: '✓', advice: '!', wrong: '✗' }

/** What is wrong comes last, where the eye is when the command ends. */
export function showHostReport(report: HostReport): string {
  const { fit, lines } = visibleIn(report)
  const width = Math.max(...lines.map(({ what }) => what.length))
  const order = { fine: 0, advice: 1, wrong: 2 }
  const rows = lines
    .toSorted((a, b) => order[a.verdict] - order[b.verdict])
    .flatMap(({ what, verdict, seen, findings }) =>
      verdict === 'fine'
        ? [`  ${marks.fine} ${what.padEnd(width)}  ${seen}`]
        : findings.map((finding) => `  ${marks[verdict]} ${describeFinding(finding)}`),
    )
  return [...rows, fit ? 'this machine can run the lab' : 'this machine cannot run the lab yet'].join('\n')
}

/** What `./lab doctor --host` says: this machine against the declared lab, everything at once, good and bad. */

import { checkIdentity } from '../declaration/identity.ts'
import type { Hypervisor, Isolation } from '../declaration/lab.ts'
import { loadDeclaration } from '../declaration/load.ts'
import { describeFinding } from '../errors.ts'
import { visibleIn } from '../terminal/visible.ts'
import { readHostFacts } from './facts.ts'
import type { Choice } from './hypervisor.ts'
import { hasImage, readStanding } from './identity.ts'
import { resolveKinds } from './kinds.ts'
import { type HostLine, lookAtHost } from './preflight.ts'

export interface HostReport {
  /** Nothing keeps a lab from being built, or brought to what is declared. */
  fit: boolean
  /** What the nodes are or would be, and where the lab lives, each with its reason. */
  hypervisor: Choice<Hypervisor | 'auto'>
  isolation: Choice<Isolation>
  lines: HostLine[]
}

/** Reads this machine and changes nothing on it. Throws LabError where the declaration itself is wrong. */
export async function readHostReport(root: string): Promise<HostReport> {
  const declaration = loadDeclaration(root)
  const { identity, living } = readStanding(root, declaration)
  const facts = await readHostFacts(root, identity, { sources: true })
  const { hypervisor, isolation } = await resolveKinds(declaration, identity, facts)
  const wanted = {
    declaration: { ...declaration, hypervisor: hypervisor.value },
    root,
    isolation: isolation.value,
    living,
    image: hasImage(),
    ...(identity ? { id: identity.id } : {}),
  }
  const differing = identity ? checkIdentity(declaration, identity) : []
  const lines: HostLine[] = [
    { what: 'nodes', verdict: 'fine', seen: `${hypervisor.value} (${hypervisor.because})`, findings: [] },
    { what: 'isolation', verdict: 'fine', seen: `${isolation.value} (${isolation.because})`, findings: [] },
    ...lookAtHost(facts, wanted),
    ...(differing.length > 0 ? [{ what: 'living lab', verdict: 'wrong' as const, seen: '', findings: differing }] : []),
  ]
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
  return [
    ...rows,
    fit ? 'this machine is fit for the declared lab' : 'this machine is not fit for the declared lab yet',
  ].join('\n')
}

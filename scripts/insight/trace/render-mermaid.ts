/** A trace as a Mermaid sequence diagram, for pages that can display Mermaid. */

import { visible } from '../../terminal/visible.ts'
import { drillOf } from './drills.ts'
import { stepName } from './render-text.ts'
import type { Trace } from './trace.ts'

/** What has a meaning in Mermaid: `;` ends a line, `#` begins an entity. */
const quote = (text: string) => visible(text).replaceAll('#', '#35;').replaceAll(';', '#59;')

/** An open arrow head if nobody waits for the answer, a dotted line for an answer. */
const arrows = { call: '->>', cast: '-)', reply: '-->>' } as const

export function renderMermaid(trace: Trace, { all = false } = {}): string {
  const steps = trace.steps.filter(({ textStep }) => all || textStep !== null)
  const parties = [...new Set(steps.flatMap(({ from, to }) => [from, to]))]
  const alias = new Map(parties.map((party, index) => [party, `p${index + 1}`]))
  const lines = steps.map((step) => {
    const label = [stepName(step.textStep), `${step.kind}`, step.what.slice(0, 100)].filter(Boolean).join(' · ')
    const arrow = step.rpc && step.kind !== 'queue' ? arrows[step.rpc] : '->>'
    return `  ${alias.get(step.from)}${arrow}${alias.get(step.to)}: ${quote(`${(step.atMs / 1000).toFixed(3)} s ${label}`)}`
  })
  const first = alias.get(parties[0] ?? '') ?? 'p1'
  const lesson = drillOf(trace.drill)?.lesson
  const notes = trace.notSeen.map(
    ({ textStep: id, reason }) => `  note over ${first}: not seen: ${quote(`${stepName(id)}: ${reason}`)}`,
  )
  return [
    'sequenceDiagram',
    ...parties.map((party) => `  participant ${alias.get(party)} as ${quote(party)}`),
    ...lines,
    ...notes,
    ...(lesson ? [`  note over ${first}: lesson: ${quote(lesson)}`] : []),
    '',
  ].join('\n')
}

/** A diagnosis as a person reads it. */

import { showCount } from '../../terminal/amounts.ts'
import { visibleIn } from '../../terminal/visible.ts'
import { type Diagnosis, isLabWell, type Problem, type Unread } from './diagnose.ts'

const label = (name: string) => `      ${name.padEnd(10)}`

export function showProblem(finding: Problem): string {
  const { rule, about, symptom, cause, evidence, next, fix, follows } = visibleIn(finding)
  const repair = './lab doctor --fix'
  return [
    `  ✗ ${about}: ${symptom} [${rule}]`,
    `${label('cause')}${cause}`,
    ...evidence.map((line, index) => `${label(index === 0 ? 'evidence' : '')}${line}`),
    `${label('next')}${next}${fix && !next.includes(repair) ? `   (or: ${repair})` : ''}`,
    `${label('docs')}docs/reference/troubleshooting.md#${rule}`,
    ...(follows.length ? [`${label('follows')}${follows.join(', ')}`] : []),
  ].join('\n')
}

/** One line for each place and reason: a node that is silent is silent for all rules. */
function showUnread(unread: readonly Unread[]): string[] {
  const places = new Map<string, Set<string>>()
  for (const { rule, at, why } of visibleIn(unread)) {
    const key = `${at}: ${why}`
    places.set(key, (places.get(key) ?? new Set()).add(rule))
  }
  return [...places].map(([key, names]) => {
    const list = names.size > 4 ? `${names.size} rules` : [...names].join(', ')
    return `  - ${key} (needed by ${list})`
  })
}

export function showDiagnosis({ problems, unread, looked, deployed, onPurpose = [] }: Diagnosis): string {
  const blindRules = new Set(unread.map(({ rule }) => rule)).size
  const count = problems.length === 0 ? 'no problems' : showCount(problems.length, 'problem')
  const users =
    isLabWell({ problems, unread }) && problems.length > 0
      ? ', only with things that users created: the lab itself is healthy'
      : ''
  const end = `${looked} checks${blindRules ? `, ${blindRules} of them could not read everything` : ''}, ${count}${users}`
  return [
    ...problems.map(showProblem),
    ...showUnread(unread),
    ...(deployed.length ? [] : ['  - no service is deployed yet: only this machine and the nodes were checked']),
    ...visibleIn(onPurpose).map((line) => `  - changed on purpose: ${line}`),
    end,
  ].join('\n')
}

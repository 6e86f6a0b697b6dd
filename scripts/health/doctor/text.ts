/** A diagnosis as a person reads it. */

import { visibleIn } from '../../terminal/visible.ts'
import { type Blind, type Diagnosis, isLabWell, type Problem } from './diagnose.ts'

const label = (name: string) => `      ${name.padEnd(10)}`

export function showProblem(finding: Problem): string {
  const { rule, about, symptom, cause, evidence, next, fix, follows } = visibleIn(finding)
  return [
    `  ✗ ${about}: ${symptom} [${rule}]`,
    `${label('cause')}${cause}`,
    ...evidence.map((line, index) => `${label(index === 0 ? 'evidence' : '')}${line}`),
    `${label('next')}${next}${fix ? '   (or: ./lab doctor --fix)' : ''}`,
    ...(follows.length ? [`${label('follows')}${follows.join(', ')}`] : []),
  ].join('\n')
}

/** One line for each place and reason: a node that is silent is silent for all rules. */
function showBlind(blind: readonly Blind[]): string[] {
  const places = new Map<string, Set<string>>()
  for (const { rule, at, why } of visibleIn(blind)) {
    const key = `${at}: ${why}`
    places.set(key, (places.get(key) ?? new Set()).add(rule))
  }
  return [...places].map(([key, names]) => {
    const list = names.size > 4 ? `${names.size} rules` : [...names].join(', ')
    return `  - not checked by ${list}: ${key}`
  })
}

export function showDiagnosis({ findings, blind, looked, deployed }: Diagnosis): string {
  const blindRules = new Set(blind.map(({ rule }) => rule)).size
  const count =
    findings.length === 0 ? 'no problems' : `${findings.length} ${findings.length === 1 ? 'problem' : 'problems'}`
  const users =
    isLabWell({ findings, blind }) && findings.length > 0
      ? ', only with things that users created: the lab itself is healthy'
      : ''
  const end = `${looked} checks${blindRules ? ` (${blindRules} incomplete)` : ''}, ${count}${users}`
  return [
    ...findings.map(showProblem),
    ...showBlind(blind),
    ...(deployed.length ? [] : ['  - no service is deployed yet: only this machine and the nodes were checked']),
    end,
  ].join('\n')
}

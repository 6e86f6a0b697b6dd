/** A diagnosis: every rule's reads at once, each rule's judgement in order, consequences put under what explains them. */

import type { Lab } from '../../declaration/lab.ts'
import type { ServiceName } from '../../declaration/service-profiles.ts'
import { enabledServices } from '../../services/index.ts'
import { ownIds, readState } from '../../terraform/state.ts'
import { describeOnNodes, onNodeScript, parseOnNode } from '../../workbench/on-nodes.ts'
import { type Readings, readAll } from './readings.ts'
import type { AnyRule, Found, ShellRead, Surroundings } from './rule.ts'
import { type RuleName, rules } from './rules/index.ts'

export interface Problem extends Found {
  rule: RuleName
  symptom: string
  cause: string
  /** `rule about` of what follows from this one. */
  follows: string[]
}

/** A rule that could not look somewhere. */
export interface Unread {
  rule: RuleName
  at: string
  why: string
}

export interface Diagnosis {
  problems: Problem[]
  unread: Unread[]
  /** How many rules looked. */
  looked: number
  /** Services that Terraform knows. */
  deployed: ServiceName[]
  /** Debug logging and patches, in words: no problem, but to be known. Absent: none. */
  onPurpose?: string[]
}

const onPurpose: ShellRead = { on: 'all', script: () => onNodeScript }

/** Whatever is wrong is wrong with what users made, and everything was looked at. */
export const isLabWell = ({ problems, unread }: Pick<Diagnosis, 'problems' | 'unread'>): boolean =>
  unread.length === 0 && problems.every(({ ofUser }) => ofUser)

/** Changes nothing. Never throws for something that is wrong in the lab. */
export async function diagnose(lab: Lab): Promise<Diagnosis> {
  const deployed = new Set(deployedServices(lab))
  const chosen = (Object.entries(rules) as [RuleName, AnyRule][]).filter(
    ([, { service, when }]) => (!service || (lab.services[service] && deployed.has(service))) && (!when || when(lab)),
  )
  const reads = [...new Set([...chosen.flatMap(([, rule]) => Object.values(rule.reads)), onPurpose])]
  const readings = await readAll(lab, reads)
  const around: Surroundings = {
    lab,
    silent: readings.silent,
    ...(readings.cloudSilent ? { cloudSilent: readings.cloudSilent } : {}),
    deployed,
    own: ownIds(lab),
    unfinished: readUnfinished(lab),
  }
  const seen = readings.of(onPurpose).answers.map(({ at, text }) => ({ name: at, ...parseOnNode(text) }))
  const lines = describeOnNodes(seen)
  const judged = judgeAll(chosen, readings, around)
  return { ...judged, looked: chosen.length, deployed: [...deployed], ...(lines.length ? { onPurpose: lines } : {}) }
}

/** Pure. */
export function judgeAll(chosen: readonly (readonly [RuleName, AnyRule])[], readings: Readings, around: Surroundings) {
  const found: Problem[] = []
  const unread: Unread[] = []
  for (const [name, rule] of chosen) {
    const { seen, missing } = seenBy(rule, readings)
    for (const [at, why] of missing) unread.push({ rule: name, at, why })
    if (!seen) continue
    for (const one of rule.judge(seen as never, around)) {
      found.push({ cause: rule.cause, ...one, rule: name, symptom: rule.symptom, follows: [] })
    }
  }
  return { problems: underTheirCauses(found), unread }
}

/** What the rule's reads became; no `seen` where one of them has nothing at all. */
function seenBy(rule: AnyRule, readings: Readings) {
  const entries = Object.entries(rule.reads).map(([key, read]) => [key, read, readings.of(read)] as const)
  const missing = new Map(entries.flatMap(([, , reading]) => [...reading.missing]))
  const isEmpty = entries.some(([, read, reading]) =>
    'script' in read ? reading.answers.length === 0 : reading.missing.size > 0,
  )
  if (isEmpty) return { seen: undefined, missing }
  return {
    seen: Object.fromEntries(
      entries.map(([key, read, reading]) => [key, 'script' in read ? reading.answers : reading.value]),
    ),
    missing,
  }
}

/** A finding that an earlier one explains is named there and not listed: one cause is one finding. */
function underTheirCauses(found: readonly Problem[]): Problem[] {
  const listed: Problem[] = []
  for (const one of found) {
    const full = `${one.rule} ${one.about}`
    const isMeant = (entry: string) => entry === one.rule || entry === full || full.startsWith(`${entry}/`)
    const cause = listed.find(({ explains = [] }) => explains.some(isMeant))
    if (cause) cause.follows.push(full)
    else listed.push(one)
  }
  return listed
}

/** Services that Terraform has begun with, finished or not. */
function deployedServices(lab: Lab): ServiceName[] {
  const known = new Set(readState(lab, 'services').map(({ name }) => name))
  return enabledServices(lab).filter((name) => known.has(name))
}

/** Of a lab that has been begun: what is tainted, and what was never got to. */
function readUnfinished(lab: Lab): string[] {
  const stacks = (['nodes', 'services', 'cloud'] as const).map((stack) => [stack, readState(lab, stack)] as const)
  const tainted = stacks.flatMap(([stack, resources]) =>
    resources.filter((one) => one.tainted).map(({ address }) => `stack ${stack}: ${address} is tainted`),
  )
  const deployed = deployedServices(lab)
  const lacking = deployed.length
    ? enabledServices(lab)
        .filter((name) => !deployed.includes(name))
        .map((name) => `stack services: terraform_data.${name} is not created yet`)
    : []
  return [...tainted, ...lacking]
}

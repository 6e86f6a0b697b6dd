/**
 * A test case for one rule as data: what a healthy lab shows, what a broken one shows, and what the rule must then say.
 */

import { serviceNames } from '../../../scripts/declaration/service-profiles.ts'
import type { Answer, Surroundings } from '../../../scripts/health/doctor/rule.ts'
import type { RuleName } from '../../../scripts/health/doctor/rules/index.ts'
import { fixtureLab } from '../../fixtures/lab.ts'

export interface Case {
  rule: RuleName
  /** By the names of the rule's reads. */
  healthy: Record<string, unknown>
  broken: Record<string, unknown>
  /** What else is known about the broken lab. */
  around?: Partial<Surroundings>
  about: string
  /** Parts of the evidence. */
  evidence: readonly string[]
  /** The repair's kind and target, if it has one. */
  fix?: object
}

export const containers = fixtureLab('lxc')

export const healthyAround: Surroundings = {
  lab: containers,
  silent: new Map(),
  deployed: new Set(serviceNames),
  own: new Set(['server-1', '9dace733', 'v1']),
  unfinished: [],
}

export const at = (place: string, text: string): Answer => ({ at: place, text })
/** The same answer from both nodes. */
export const both = (text: string) => [at('controller', text), at('compute1', text)]

import { describe, expect, test } from 'vitest'
import type { AnyRule } from '../../../scripts/health/doctor/rule.ts'
import { type RuleName, rules } from '../../../scripts/health/doctor/rules/index.ts'
import { type Case, healthyAround } from './case.ts'
import { basics } from './cases/basics.ts'
import { compute } from './cases/compute.ts'
import { disks } from './cases/disk.ts'
import { foundations } from './cases/foundations.ts'
import { identity } from './cases/identity.ts'
import { metadataAndVolumes } from './cases/metadata-volumes.ts'
import { network } from './cases/network.ts'
import { reach } from './cases/reach.ts'
import { selfService } from './cases/self-service.ts'
import { services } from './cases/services.ts'

const cases: readonly Case[] = [
  ...reach,
  ...disks,
  ...basics,
  ...foundations,
  ...identity,
  ...services,
  ...compute,
  ...network,
  ...metadataAndVolumes,
  ...selfService,
]
const names = Object.keys(rules) as RuleName[]

test('every rule has a case', () => {
  expect(names.filter((name) => !cases.some(({ rule }) => rule === name))).toEqual([])
})

describe.each(cases)('$rule, about $about', ({ rule: name, healthy, broken, around, about, evidence, fix }) => {
  const rule: AnyRule = rules[name]

  test('finds nothing if nothing is wrong', () => {
    expect(rule.judge(healthy as never, healthyAround)).toEqual([])
  })

  test('finds it, shows the evidence, and says what to do', () => {
    const [found, ...others] = rule.judge(broken as never, { ...healthyAround, ...around })
    expect(others.map((one) => one.about)).toEqual([])
    expect(found?.about).toBe(about)
    for (const part of evidence) expect(found?.evidence.join('\n')).toContain(part)
    expect(found?.next).toMatch(/^\S+ ./)
    if (fix) expect(found?.fix).toMatchObject(fix)
    else expect(found?.fix).toBeUndefined()
  })

  test('no name from the cloud gets into its command or its repair, because users choose these names', () => {
    const [found] = rule.judge(renameAll(broken) as never, { ...healthyAround, ...around })
    expect(found && JSON.stringify([found.next, found.fix])).not.toMatch(/touch/)
  })
})

/** Anything with a name and an id is an object of the cloud. */
function renameAll(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(renameAll)
  if (Object(value) !== value || Object.getPrototypeOf(value) !== Object.prototype) return value
  const entries = Object.entries(value as object).map(([key, one]) => [key, renameAll(one)] as const)
  const named = entries.some(([key]) => key === 'id') ? { name: 'x-$(touch /tmp/x)' } : {}
  return { ...Object.fromEntries(entries), ...named }
}

describe('the registry', () => {
  test.each(names)('%s: says symptom, cause and remedy in one sentence each', (name) => {
    const { symptom, cause, remedy } = rules[name]
    for (const text of [symptom, cause, remedy]) {
      expect(text.length).toBeGreaterThan(5)
      expect(text).not.toMatch(/\.$|\n/)
    }
  })
})

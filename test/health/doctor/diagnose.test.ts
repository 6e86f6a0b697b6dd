import { describe, expect, test } from 'vitest'
import { judgeAll } from '../../../scripts/health/doctor/diagnose.ts'
import { type Reading, type Readings, sortByPlace } from '../../../scripts/health/doctor/readings.ts'
import { distinctFixes } from '../../../scripts/health/doctor/repair.ts'
import { type AnyRule, type Found, type Read, rule } from '../../../scripts/health/doctor/rule.ts'
import type { RuleName } from '../../../scripts/health/doctor/rules/index.ts'
import { showDiagnosis } from '../../../scripts/health/doctor/text.ts'
import { at, healthyAround } from './case.ts'

const read = { on: 'all', script: () => 'true' } as const
const found = (about: string, changes: Partial<Found> = {}): Found => ({
  about,
  evidence: ['seen'],
  next: './lab up',
  ...changes,
})
const texts = { symptom: 'it fails', cause: 'because', remedy: 'mend it' }

/** Rules under names of real ones: the names are all that the text shows. */
const finds = (...list: Found[]) => rule({ ...texts, reads: { read }, judge: () => list })

function readings(reading: Partial<Reading> = {}): Readings {
  const whole = { answers: [at('controller', '')], missing: new Map<string, string>(), ...reading }
  return { of: (_: Read) => whole, silent: new Map() }
}

const judge = (chosen: Partial<Record<RuleName, AnyRule>>, seen = readings()) =>
  judgeAll(Object.entries(chosen) as [RuleName, AnyRule][], seen, healthyAround)

describe('one cause is one finding', () => {
  test('what a finding explains is listed under it: all of a rule, one of it, or all of a node', () => {
    const explains = ['agent-dead', 'unit-down controller/keystone', 'api-silent controller']
    const { problems } = judge({
      'database-down': finds(found('controller', { explains })),
      'unit-down': finds(found('controller/keystone'), found('controller/glance-api')),
      'api-silent': finds(found('controller/keystone')),
      'agent-dead': finds(found('compute1/Linux bridge agent')),
    })
    expect(problems.map((one) => `${one.rule} ${one.about}`)).toEqual([
      'database-down controller',
      'unit-down controller/glance-api',
    ])
    expect(problems[0]?.follows).toEqual([
      'unit-down controller/keystone',
      'api-silent controller/keystone',
      'agent-dead compute1/Linux bridge agent',
    ])
  })

  test('a name with the same prefix is not explained', () => {
    const { problems } = judge({
      'unit-frozen': finds(found('x', { explains: ['unit-down controller/nova-api'] })),
      'unit-down': finds(found('controller/nova-api-metadata')),
    })
    expect(problems).toHaveLength(2)
  })
})

test('what nodes answered is in the order of the declaration, whichever was first', () => {
  const [answers, missing] = [
    [at('compute1', ''), at('controller', '')],
    new Map([
      ['compute2', 'x'],
      ['compute1', 'y'],
    ]),
  ]
  const reading = { answers, missing }
  sortByPlace(reading, ['controller', 'compute1', 'compute2'])
  expect(reading.answers.map((answer) => answer.at)).toEqual(['controller', 'compute1'])
  expect([...reading.missing.keys()]).toEqual(['compute1', 'compute2'])
})

describe('what could not be read', () => {
  test('is reported, and the rule does not judge what it has not seen', () => {
    const silent = readings({ answers: [], missing: new Map([['compute1', 'refused']]) })
    const { problems, unread } = judge({ 'unit-down': finds(found('never')) }, silent)
    expect(problems).toEqual([])
    expect(unread).toEqual([{ rule: 'unit-down', at: 'compute1', why: 'refused' }])
  })

  test('if one node answers, that one is judged', () => {
    const half = readings({ missing: new Map([['compute1', 'refused']]) })
    const { problems, unread } = judge({ 'unit-down': finds(found('controller/x')) }, half)
    expect(problems).toHaveLength(1)
    expect(unread).toHaveLength(1)
  })

  test('a cloud that does not answer is not judged', () => {
    const cloud = rule({ ...texts, reads: { read: { ask: async () => 1 } }, judge: () => [found('never')] })
    const { problems, unread } = judge({ 'agent-dead': cloud }, readings({ missing: new Map([['the cloud', '401']]) }))
    expect(problems).toEqual([])
    expect(unread).toEqual([{ rule: 'agent-dead', at: 'the cloud', why: '401' }])
  })
})

test('the same repair is done once', () => {
  const fix = { service: 'neutron' } as const
  const { problems } = judge({
    'nic-mapping': finds(found('controller', { fix }), found('compute1', { fix })),
    'linuxbridge-flag': finds(
      found('compute1', { fix }),
      found('controller', { fix: { node: 'controller', script: 'x' } }),
    ),
  })
  expect(distinctFixes(problems).map(({ rule: name, about }) => `${name} ${about}`)).toEqual([
    'nic-mapping controller',
    'linuxbridge-flag controller',
  ])
})

test('the text of a diagnosis', () => {
  const { problems, unread } = judge(
    {
      'database-down': finds(
        found('controller', {
          evidence: ['controller: login as keystone: refused', 'controller: login as nova: refused'],
          fix: { node: 'controller', script: 'systemctl start mariadb' },
          explains: ['api-silent'],
        }),
      ),
      'api-silent': finds(found('controller/keystone')),
      'run-cut-off': finds(found('host')),
    },
    readings({ missing: new Map([['compute1', 'Connection refused']]) }),
  )
  expect(showDiagnosis({ problems, unread, looked: 3, deployed: ['keystone'] })).toMatchSnapshot()
  expect(showDiagnosis({ problems: [], unread: [], looked: 3, deployed: [] })).toMatchSnapshot()
})

import { describe, expect, test } from 'vitest'
import { judgeAll } from '../../../scripts/health/doctor/diagnose.ts'
import type { Read } from '../../../scripts/health/doctor/rule.ts'
import { type RuleName, rules } from '../../../scripts/health/doctor/rules/index.ts'
import { showDiagnosis } from '../../../scripts/health/doctor/text.ts'
import { endingOf } from '../../../scripts/health/ending.ts'
import { healthyAround } from './case.ts'

const server = (changes: object) => ({
  id: 'server-1',
  name: 'test',
  status: 'ERROR',
  addresses: {},
  updated: '2026-11-24T06:00:00Z',
  'OS-SRV-USG:launched_at': '2026-11-24T06:00:00',
  fault: { message: 'No valid host was found.' },
  ...changes,
})

function diagnose(name: RuleName, value: unknown) {
  const readings = { of: (_: Read) => ({ answers: [], value, missing: new Map() }), silent: new Map() }
  return { ...judgeAll([[name, rules[name]]], readings, healthyAround), looked: 1, deployed: ['nova' as const] }
}

describe("a user's instance that failed", () => {
  const theirs = { id: 'server-9', 'OS-SRV-USG:launched_at': null }

  test('is named with its id, because it may have the name of the test instance', () => {
    const [found] = diagnose('instance-error', [server(theirs)]).problems
    expect(found).toMatchObject({ about: 'test (server-9)', ofUser: true })
    expect(found?.explains).not.toContain('instance-silent test')
  })

  test('that never ran: its fault and its deletion, both by id; a hard reboot would be refused', () => {
    const [found] = diagnose('instance-error', [server(theirs)]).problems
    expect(found?.evidence.join()).toContain('No valid host was found.')
    expect(found?.next).toBe('./lab openstack server show server-9 -c fault; ./lab openstack server delete server-9')
  })

  test('that ran before: a hard reboot', () => {
    const [found] = diagnose('instance-error', [server({ id: 'server-9' })]).problems
    expect(found?.next).toContain('server reboot --hard server-9')
  })

  test('leaves the lab healthy; a failed instance of the lab does not', () => {
    const users = diagnose('instance-error', [server(theirs)])
    expect(showDiagnosis(users)).toMatch(/1 problem, only with things that users created: the lab itself is healthy$/)
    const both = diagnose('instance-error', [server(theirs), server({})])
    expect(showDiagnosis(both)).toMatch(/2 problems$/)
    expect(both.problems.map(({ ofUser }) => ofUser)).toEqual([true, false])
  })

  test('its volume in error neither', () => {
    const volume = { id: 'v9', name: '', status: 'error', updated_at: null, attachments: [] }
    const [found] = diagnose('volume-stuck', { volumes: [volume], servers: [], now: 0 }).problems
    expect(found).toMatchObject({ about: 'v9', ofUser: true })
  })
})

test('what is wrong with the lab counts more than what could not be checked, and this more than what users made', () => {
  const none = { broken: false, blind: false, ofUser: false }
  expect(endingOf(none)).toBe('ok')
  expect(endingOf({ ...none, ofUser: true })).toBe('ofUser')
  expect(endingOf({ ...none, ofUser: true, blind: true })).toBe('unknown')
  expect(endingOf({ broken: true, ofUser: true, blind: true })).toBe('failed')
})

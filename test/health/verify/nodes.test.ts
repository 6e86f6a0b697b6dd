import { describe, expect, test } from 'vitest'
import { judgeClock, judgeMapping, judgeUpgradeCheck } from '../../../scripts/health/verify/nodes.ts'
import { fixtureLab } from '../../fixtures/lab.ts'

const lab = fixtureLab('kvm')

describe("Nova's own check", () => {
  const row = (check: string, result: string) =>
    `| Check: ${check.padEnd(20)} |\n| Result: ${result.padEnd(19)} |\n| Details: None |\n+------+\n`

  test('holds when every result is Success', () => {
    const output = row('Cells v2', 'Success') + row('Placement API', 'Success')
    expect(judgeUpgradeCheck(lab, 0, output)).toMatchObject({ ok: true, seen: '2 checks succeeded' })
  })

  test('names what did not succeed', () => {
    const output = row('Cells v2', 'Failure') + row('Placement API', 'Success')
    expect(judgeUpgradeCheck(lab, 2, output)).toMatchObject({ ok: false, seen: 'Cells v2: Failure' })
  })

  test('does not count no output as success', () => {
    expect(judgeUpgradeCheck(lab, 0, '').ok).toBe(false)
    expect(judgeUpgradeCheck(lab, 1, 'runuser: user nova does not exist')).toMatchObject({
      ok: false,
      seen: 'exit 1: runuser: user nova does not exist',
    })
  })

  test('a host is mapped when it has a row', () => {
    const rows = '\ncell1\tcompute1\n'
    expect(judgeMapping(lab, 'compute1', rows)).toMatchObject({ ok: true, seen: 'cell1' })
    expect(judgeMapping(lab, 'compute2', rows)).toMatchObject({ ok: false, seen: 'mapped: compute1' })
    expect(judgeMapping(lab, 'compute2', rows).next).toContain('discover_hosts')
  })

  test('without a row or a database there is no mapping', () => {
    expect(judgeMapping(lab, 'compute1', '\n')).toMatchObject({ ok: false, seen: 'mapped: none' })
    const silent = "\nERROR 2002 (HY000): Can't connect to local server\n"
    expect(judgeMapping(lab, 'compute1', silent)).toMatchObject({ ok: false, seen: `mapped: ${silent.trim()}` })
  })
})

describe('the clock of the compute node', () => {
  test('follows the controller', () => {
    expect(judgeClock(lab, 'compute1', '^,*,10.0.0.11,10,6,377,12,0.000001,0.000002,0.00003\n')).toMatchObject({
      ok: true,
      seen: 'follows 10.0.0.11, stratum 10',
    })
  })

  test('fails if it follows no one or another server', () => {
    expect(judgeClock(lab, 'compute1', '^,?,10.0.0.11,0,6,0,-,0,0,0\n')).toMatchObject({
      ok: false,
      seen: 'follows none of: 10.0.0.11 (?)',
    })
    expect(judgeClock(lab, 'compute1', '^,*,192.0.2.1,2,6,377,1,0,0,0\n').ok).toBe(false)
    expect(judgeClock(lab, 'compute1', '').ok).toBe(false)
    expect(judgeClock(lab, 'compute1', '506 Cannot talk to daemon').seen).toContain('506 Cannot talk to daemon')
  })
})

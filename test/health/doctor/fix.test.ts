import { expect, test } from 'vitest'
import type { Problem } from '../../../scripts/health/doctor/diagnose.ts'
import { describeFailed, untilFoundation } from '../../../scripts/health/doctor/fix.ts'
import { rules } from '../../../scripts/health/doctor/rules/index.ts'
import { healthyAround } from './case.ts'
import { foundations } from './cases/foundations.ts'

const problem = (rule: Problem['rule'], about: string, explains: string[] = []): Problem => ({
  ...{ rule, about, symptom: '', cause: '', evidence: [], next: '', follows: [] },
  explains,
})
const compute = problem('compute-down', 'compute1')
const broker = problem('broker-down', 'controller', ['unit-down controller/rabbitmq-server', 'compute-down'])
const unit = problem('unit-down', 'compute1/nova-compute', ['compute-down compute1'])

test('after the repair of what others rest on, the lab is looked at again before the next repair', () => {
  expect(untilFoundation([broker, unit])).toEqual([broker])
  expect(untilFoundation([unit, broker, compute])).toEqual([unit, broker])
  expect(untilFoundation([unit, compute])).toEqual([unit, compute])
})

test('a repair that failed is named at the end, with what became of its problem', () => {
  const names = ['compute-down compute1', 'broker-down controller']
  expect(describeFailed(names, [broker])).toEqual([
    'compute-down compute1: its own repair failed, but another repair solved the problem',
    'broker-down controller: the repair failed',
  ])
})

test('an API that waits for the broker follows from the broker', () => {
  const { broken } = foundations.find(({ rule }) => rule === 'broker-down')!
  const [found] = rules['broker-down'].judge(broken as never, healthyAround)
  expect(found!.explains).toContain('api-silent controller/nova-api')
  expect(found!.explains).not.toContain('api-silent controller/keystone')
})

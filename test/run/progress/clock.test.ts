import { execaSync } from 'execa'
import { afterEach, beforeEach, expect, test, vi } from 'vitest'
import { steadyNow } from '../../../scripts/run/progress/clock.ts'

const variable = 'DUOSTACK_CLOCK'
const module = `${import.meta.dirname}/../../../scripts/run/progress/clock.ts`

beforeEach(() => {
  delete process.env[variable]
})
afterEach(() => {
  vi.restoreAllMocks()
  delete process.env[variable]
})

test('starts with the wall clock, and does not follow its steps', () => {
  const wall = Date.now()
  const first = steadyNow()
  expect(Math.abs(first - wall)).toBeLessThan(1000)
  vi.spyOn(Date, 'now').mockReturnValue(wall - 3_600_000)
  expect(steadyNow()).toBeGreaterThanOrEqual(first)
  expect(steadyNow() - first).toBeLessThan(60_000)
})

test('a program that is started later has the same clock', () => {
  const before = steadyNow()
  // As if this machine's clock had been an hour off when the run began.
  process.env[variable] = String(Number(process.env[variable]) - 3_600_000)
  const script = `import { steadyNow } from ${JSON.stringify(module)}; console.log(steadyNow())`
  const { stdout } = execaSync('node', ['--import', 'tsx', '--input-type=module', '-e', script])
  expect(Number(stdout)).toBeGreaterThanOrEqual(before - 3_600_000)
  expect(Number(stdout)).toBeLessThanOrEqual(steadyNow())
})

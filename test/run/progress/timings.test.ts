import { mkdirSync } from 'node:fs'
import { join } from 'node:path'
import { afterEach, expect, test } from 'vitest'
import { showChain, showTimings } from '../../../scripts/insight/report/timing-table.ts'
import { createPlainDisplay } from '../../../scripts/run/progress/plain.ts'
import {
  collectedSteps,
  collectSteps,
  parseSteps,
  readTimings,
  type TimedStep,
  thisMachine,
  timingsFile,
  writeTimings,
} from '../../../scripts/run/progress/timings.ts'
import { stepsOn } from '../../../scripts/run/progress.ts'
import { temporaryFolder } from '../../fixtures/folder.ts'
import { fakeTerminal } from './stream.ts'

afterEach(() => {
  delete process.env['DUOSTACK_STEPS']
})

const steps = stepsOn(createPlainDisplay(fakeTerminal(undefined)))

test('every step of a run is recorded with its place, times and outcome', async () => {
  const root = temporaryFolder()
  collectSteps(root)
  await steps.step('services: glance', async () => {}, { stack: 'services', name: 'glance' })
  await steps.step('node image', () => Promise.reject(new Error('no'))).catch(() => {})
  const [glance, image] = collectedSteps()
  expect(glance).toMatchObject({ stack: 'services', name: 'glance', outcome: 'done' })
  expect(image).toMatchObject({ stack: 'prepare', name: 'node image', outcome: 'failed' })
  expect(glance!.end).toBeGreaterThanOrEqual(glance!.start)
})

test('on a full disk a step is done anyway, only not recorded', async () => {
  process.env['DUOSTACK_STEPS'] = '/dev/full'
  expect(await steps.step('services: glance', async () => 'made')).toBe('made')
})

test('a new run begins with an empty list; without one nothing is written', async () => {
  const root = temporaryFolder()
  collectSteps(root)
  await steps.step('old', async () => {})
  collectSteps(root)
  expect(collectedSteps()).toEqual([])
  delete process.env['DUOSTACK_STEPS']
  await steps.step('unseen', async () => {})
  expect(collectedSteps()).toEqual([])
})

test('a half-written line of a killed process is ignored', () => {
  expect(parseSteps('{"stack":"nodes","name":"a","start":1,"end":2,"outcome":"done"}\n{"stack":"no')).toHaveLength(1)
})

test('what is written is read back; other files are ignored', () => {
  const root = temporaryFolder()
  mkdirSync(join(root, '.lab'))
  expect(readTimings(timingsFile(root))).toBeUndefined()
  const timings = {
    begun: '2026-01-01T00:00:00Z',
    ended: '2026-01-01T00:04:00Z',
    outcome: 'done' as const,
    hypervisor: 'lxc' as const,
    machine: thisMachine(),
    steps: [],
  }
  writeTimings(timingsFile(root), timings)
  expect(readTimings(timingsFile(root))).toEqual(timings)
})

test('the table: slowest first, failed steps marked, the rest counted, within the width', () => {
  const many: TimedStep[] = Array.from({ length: 14 }, (_, index) => ({
    stack: 'services',
    name: index === 13 ? `a-service-with-a-name-that-is-far-too-long-for-any-table-${index}` : `service-${index}`,
    start: 0,
    end: (index + 1) * 5000,
    outcome: index === 12 ? 'failed' : 'done',
  }))
  const whole: TimedStep = { stack: 'services', name: 'whole', start: 0, end: 999_000, outcome: 'done' }
  const run = { begun: '2026-01-01T00:00:00Z', ended: '2026-01-01T00:01:10Z', steps: [...many, whole] }
  expect(showTimings(run, 80)).toMatchInlineSnapshot(`
    "Where the time went (1 min 10 s in total):
      services a-service-with-a-name-that-is-far…   1 min 10 s ████████████████████
      services service-12                            1 min 5 s failed
      services service-11                            1 min 0 s █████████████████
      services service-10                               55.0 s ████████████████
      services service-9                                50.0 s ██████████████
      services service-8                                45.0 s █████████████
      services service-7                                40.0 s ███████████
      services service-6                                35.0 s ██████████
      services service-5                                30.0 s █████████
      services service-4                                25.0 s ███████
      and 4 more, each 20.0 s or less"
  `)
  expect(
    showTimings(run, 80)
      .split('\n')
      .filter((line) => line.length > 80),
  ).toEqual([])
})

test('the chain: its steps in order, and their share of the total', () => {
  const link = (name: string, start: number, end: number): TimedStep => ({
    ...{ stack: 'services', name, outcome: 'done' },
    start: start * 1000,
    end: end * 1000,
  })
  expect(showChain([link('keystone', 5, 15), link('nova', 20, 65)])).toMatchInlineSnapshot(`
    "Critical path (55.0 s of 1 min 0 s); only faster steps here make the whole faster:
      services keystone     10.0 s at 0.0 s
      services nova         45.0 s at 15.0 s"
  `)
  expect(showChain([])).toBe('')
})

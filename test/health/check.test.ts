import { describe, expect, test } from 'vitest'
import { CommandError, ConnectError, NotReadyError } from '../../scripts/declaration/errors.ts'
import { type LabCheck, observeUntil } from '../../scripts/health/check.ts'
import { showObservations } from '../../scripts/health/verify/text.ts'
import { failed, type Observation } from '../../scripts/run/check.ts'
import { fixtureLab } from '../fixtures/lab.ts'

const pings = { id: 'pings', what: 'pings' }
const good: Observation = { ...pings, ok: true, seen: '1 ms', next: '' }
const bad: Observation = { ...pings, ok: false, seen: 'silent', next: './lab status' }

const watch = (timeoutFactor: number) => ({
  lab: { ...fixtureLab('lxc'), timeScale: 0.01 },
  cloud: () => Promise.reject(new Error('no cloud')),
  timeoutFactor,
})

function readings(...list: (Observation | Error)[]) {
  const check: LabCheck = {
    id: 'pings',
    what: () => 'pings',
    timeoutSeconds: 60,
    async observe() {
      const next = list.length > 1 ? list.shift()! : list[0]!
      if (next instanceof Error) throw next
      return [next]
    },
  }
  return { check, left: list }
}

const x = { id: 'x', what: 'x' }

describe('observing', () => {
  test('repeats until it passes', async () => {
    const { check } = readings(bad, new Error('reset'), good)
    expect(await observeUntil(check, watch(1))).toEqual([good])
  })

  test('gives the last reading when the deadline has passed', async () => {
    const { check } = readings(bad)
    expect(await observeUntil({ ...check, timeoutSeconds: 5 }, watch(1))).toEqual([bad])
  })

  test('checks once if it must not wait', async () => {
    const { check, left } = readings(bad, good)
    expect(await observeUntil(check, watch(0))).toEqual([bad])
    expect(left).toEqual([good])
  })

  test('has no line and asks nothing if the lab has no such thing', async () => {
    const { check, left } = readings(bad, good)
    expect(await observeUntil({ ...check, when: ({ services }) => !services.nova }, watch(1))).toEqual([])
    expect(left).toHaveLength(2)
  })

  test('turns an error into a line that fails, with its own next step', () => {
    expect(failed(x, new NotReadyError('GET /', 3, '500 no', './lab ssh controller')).next).toBe('./lab ssh controller')
    expect(failed(x, new NotReadyError('GET /', 3, '500 no', '')).seen).toBe('GET /: 500 no')
    const failure = { node: 'host', step: 'ping', paste: 'ping x', exitCode: 2, output: 'a\nunknown host\n' }
    expect(failed(x, new CommandError(failure))).toMatchObject({
      seen: 'host: ping: exit code 2: unknown host',
      next: 'ping x',
    })
    expect(failed(x, new ConnectError('compute1', 'timed out', 'ssh compute1'))).toEqual({
      ...x,
      ok: false,
      seen: 'compute1: no connection: timed out',
      next: 'ssh compute1',
    })
  })

  test('shows where to look for what fails, and counts', () => {
    expect(showObservations([good, bad])).toBe(
      '  ✓ pings: 1 ms\n  ✗ pings: silent\n      next: ./lab status\n1 of 2 checks failed',
    )
    expect(showObservations([good])).toContain('1 checks passed')
  })
})

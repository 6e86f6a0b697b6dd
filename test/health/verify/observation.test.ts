import { describe, expect, test } from 'vitest'
import { CommandError, ConnectError, NotReadyError } from '../../../scripts/declaration/errors.ts'
import { failed, type Observation, observeUntil, showObservations } from '../../../scripts/health/verify/observation.ts'
import { fixtureLab } from '../../fixtures/lab.ts'

const good: Observation = { what: 'pings', ok: true, seen: '1 ms', next: '' }
const bad: Observation = { what: 'pings', ok: false, seen: 'silent', next: './lab status' }

const watch = (patience: number) => ({
  lab: { ...fixtureLab('lxc'), timeScale: 0.01 },
  cloud: () => Promise.reject(new Error('no cloud')),
  patience,
})

function readings(...list: (Observation | Error)[]) {
  const read = async () => {
    const next = list.length > 1 ? list.shift()! : list[0]!
    if (next instanceof Error) throw next
    return [next]
  }
  return { read, left: list }
}

describe('observing', () => {
  test('goes on until it holds', async () => {
    const { read } = readings(bad, new Error('reset'), good)
    expect(await observeUntil(watch(1), 'pings', 60, read)).toEqual([good])
  })

  test('gives the last reading when the deadline has passed', async () => {
    const { read } = readings(bad)
    expect(await observeUntil(watch(1), 'pings', 5, read)).toEqual([bad])
  })

  test('looks once when it is not to wait', async () => {
    const { read, left } = readings(bad, good)
    expect(await observeUntil(watch(0), 'pings', 60, read)).toEqual([bad])
    expect(left).toEqual([good])
  })

  test('turns an error into a line that fails, with its own next step', () => {
    expect(failed('x', new NotReadyError('GET /', 3, '500 no', './lab ssh controller')).next).toBe(
      './lab ssh controller',
    )
    expect(failed('x', new NotReadyError('GET /', 3, '500 no', '')).seen).toBe('GET /: 500 no')
    const failure = { node: 'host', step: 'ping', paste: 'ping x', exitCode: 2, output: 'a\nunknown host\n' }
    expect(failed('x', new CommandError(failure))).toMatchObject({
      seen: 'host: ping: exit code 2: unknown host',
      next: 'ping x',
    })
    expect(failed('x', new ConnectError('compute1', 'timed out', 'ssh compute1'))).toEqual({
      what: 'x',
      ok: false,
      seen: 'compute1: no connection: timed out',
      next: 'ssh compute1',
    })
  })

  test('shows where to look for what fails, and counts', () => {
    expect(showObservations([good, bad])).toBe(
      '  ✓ pings: 1 ms\n  ✗ pings: silent\n      look at: ./lab status\n1 of 2 observations failed',
    )
    expect(showObservations([good])).toContain('1 observations, all good')
  })
})

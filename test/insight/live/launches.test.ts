/** How a launch is recognized in recorded traffic, what is kept of logs, and how counters become rates. */

import { describe, expect, test } from 'vitest'
import { shownLaunch } from '../../../scripts/insight/live/follow-launches.ts'
import { findLaunches } from '../../../scripts/insight/live/launches.ts'
import { ratesOf, shapeOf } from '../../../scripts/insight/live/rates.ts'
import { recordLines } from '../../../scripts/insight/live/recorded-lines.ts'
import { traceOf } from '../../../scripts/insight/trace/flow.ts'
import { readRecording } from '../trace/recording.ts'

const recorded = ['launch', 'project-network', 'stopped-scheduler', 'wrong-image', 'no-valid-host', 'dead-dhcp-agent']

describe('a launch', () => {
  test.each(recorded)('is recognized in the traffic as it comes: %s', (name) => {
    const { files, ids, began } = readRecording(name)
    const { lines } = files.find(({ file }) => file.endsWith('/wire.log'))!
    const finder = findLaunches()
    const found = lines.flatMap((line) => finder.take([line]))
    expect(found).toEqual([
      { instance: ids.instance, globalRequest: ids.globalRequest, requests: ids.requests, began: expect.any(Number) },
    ])
    expect(Math.abs(found[0]!.began - began)).toBeLessThan(1500)
  })

  test('of a client that sends no request id has the same steps', () => {
    const recording = readRecording('launch')
    const withId = traceOf(recording)
    const { globalRequest, ...ids } = recording.ids
    // The client's request has no id, and nova-api's own one is passed on in its place.
    const anonymous = (line: string) =>
      line
        .replace(/("path": "\/v2\.1\/servers"), "request_id": "[^"]*"/, '$1')
        .replaceAll(globalRequest!, ids.requests[0]!)
    const files = recording.files.map((file) => ({ ...file, lines: file.lines.map(anonymous) }))
    const without = traceOf({ ...recording, ids, files })
    const stepsOf = ({ steps }: typeof withId) => steps.flatMap(({ textStep }) => textStep ?? [])
    expect(stepsOf(without).sort()).toEqual(stepsOf(withId).sort())
  })

  test('that is being built says what it waits for only if it waits', () => {
    const trace = traceOf(readRecording('stopped-scheduler'))
    expect(shownLaunch({ ...trace, tookMs: 5000 }, false).stop).toBeUndefined()
    expect(shownLaunch({ ...trace, tookMs: 20_000 }, false).stop?.because).toContain('select_destinations')
    expect(shownLaunch(trace, true)).toMatchObject({ of: 32, ended: true, stop: trace.stop })
  })
})

describe('recorded lines', () => {
  test('keep their numbers, also after older ones were forgotten and where a file began anew', () => {
    let now = 0
    const lines = recordLines(() => now)
    lines.add('compute1', { file: 'a.log', first: 7, lines: ['x', 'y'] })
    now = 10
    lines.add('compute1', { file: 'a.log', first: 9, lines: ['z'] })
    lines.add('controller', { file: 'a.log', first: 1, lines: ['other'] })
    now = 20
    lines.add('compute1', { file: 'a.log', first: 1, lines: ['rotated'] })
    expect(lines.since(0)[0]).toEqual({
      node: 'compute1',
      file: 'a.log',
      first: 7,
      numbers: [7, 8, 9, 1],
      lines: ['x', 'y', 'z', 'rotated'],
    })
    lines.forget(10)
    expect(lines.since(0).map((file) => file.numbers)).toEqual([[9, 1], [1]])
    expect(lines.since(20).map(({ lines: own }) => own)).toEqual([['rotated']])
  })

  test('of connections are kept: messages of a launch pass through older ones', () => {
    let now = 0
    const lines = recordLines(() => now)
    lines.add('compute1', { file: '/x/sockets.log', first: 1, lines: ['old'] })
    now = 1000
    lines.forget(500)
    expect(lines.since(900)).toHaveLength(1)
  })
})

describe('rates', () => {
  const at = (t: number, received: number, sent: number) => ({ t, net: { eth0: [received, sent, 1] as const } })

  test('are bytes per second since the last reading', () => {
    expect(ratesOf(at(10, 1000, 500), at(12, 3000, 500))).toEqual({ eth0: [1000, 0] })
  })

  test('there are none for an interface that is new, was replaced, or of a clock that stands still', () => {
    expect(ratesOf(undefined, at(1, 5, 5))).toEqual({})
    expect(ratesOf(at(10, 1000, 500), at(12, 3, 600))).toEqual({})
    expect(ratesOf(at(10, 1, 1), at(10, 2, 2))).toEqual({})
    expect(ratesOf({ t: 1, net: {} }, at(2, 9, 9))).toEqual({})
  })

  test('a change of what there is, or of what is up, is seen; traffic is not', () => {
    expect(shapeOf(at(1, 5, 5).net)).toBe(shapeOf(at(2, 9, 9).net))
    expect(shapeOf({ eth0: [1, 1, 1] })).not.toBe(shapeOf({ eth0: [1, 1, 0] }))
    expect(shapeOf({ eth0: [1, 1, 1] })).not.toBe(shapeOf({ eth0: [1, 1, 1], tap1: [0, 0, 1] }))
  })
})

/**
 * What the benchmark computes from its samples: medians, ratios, growth, the comparison with the last result, the
 * chart.
 */

import { expect, test } from 'vitest'
import { drawChart } from '../../bench/chart.ts'
import { joinParts } from '../../bench/guide.ts'
import type { Result, Sample, Way } from '../../bench/result.ts'
import { readResult, resultFile, writeResult } from '../../bench/result.ts'
import { ratioOf, summarize } from '../../bench/statistics.ts'
import {
  compareWays,
  growthPerCompute,
  machineLine,
  otherWay,
  peakOf,
  restoreShare,
  showRows,
} from '../../bench/table.ts'
import { temporaryFolder } from '../fixtures/folder.ts'

const sample = (way: Way, whole: number, changes: Partial<Sample> = {}): Sample => ({
  ...{ way, computes: 1, peakMiB: whole * 10, loadBefore: 0.5 },
  phases: [
    { name: 'whole', seconds: whole, cpuSeconds: whole * 1.5, writtenMiB: 100 },
    { name: way === 'ours' ? 'no-op' : 'hosts', seconds: 1 },
  ],
  ...changes,
})

const result = (samples: Sample[]): Result => ({
  begun: '2026-11-24T10:00:00.000Z',
  commit: 'abcdef0',
  hypervisor: 'lxc',
  machine: { cpus: 2, processor: 'a & b', memoryMiB: 24_000, kernel: '6.1' },
  samples,
})

const three = result([
  ...[120, 100, 260].map((whole) => sample('ours', whole)),
  ...[400, 300].map((whole) => sample('guide', whole)),
])

test('the median is the middle one, or between the two in the middle; one outlier moves it little', () => {
  expect(summarize([120, 100, 260])).toEqual({ median: 120, min: 100, max: 260, runs: 3 })
  expect(summarize([400, 300])?.median).toBe(350)
  expect(summarize([])).toBeUndefined()
  expect(ratioOf(summarize([0]), summarize([1]))).toBeUndefined()
})

test('each phase is compared with the same phase of the other method; without a counterpart there is no ratio', () => {
  const rows = compareWays(three, 1)
  expect(rows.map(({ phase, ratio }) => [phase, ratio?.toFixed(2)])).toEqual([
    ['whole', '2.92'],
    ['no-op', undefined],
    ['hosts', undefined],
  ])
  expect(compareWays(three, 1, undefined, 'cpuSeconds')[0]?.ours?.median).toBe(180)
  expect(compareWays(three, 2)).toEqual([])
  expect(peakOf(three, 'guide', 1)?.median).toBe(3500)
})

test('the same with self-service networks is compared in place of the guide, under its own name', () => {
  const both = result([sample('ours', 100), sample('self-service', 110)])
  expect(otherWay(both)).toBe('self-service')
  expect(showRows(compareWays(both, 1), otherWay(both)).split('\n')[0]).toContain('ours, self-service, s')
  expect(compareWays(both, 1)[0]?.ratio).toBeCloseTo(1.1)
})

test('a phase is compared with the last result; what was quicker then is shown with a plus', () => {
  const last = result([sample('ours', 100)])
  expect(compareWays(three, 1, last)[0]?.sinceLast).toBeCloseTo(1.2)
  expect(showRows(compareWays(three, 1, last))).toMatchInlineSnapshot(`
    "phase  ours, s        the guide's way, s  ratio  since last
    whole  120 (100-260)  350 (300-400)       2.9 x  +20 %
    no-op  1.0 (1.0-1.0)                             -0 %
    hosts                 1.0 (1.0-1.0)"
  `)
})

test('growth is what one more compute node adds to the smallest lab', () => {
  const more = [sample('ours', 140, { computes: 2 }), sample('ours', 180, { computes: 4 })]
  expect(growthPerCompute(result([sample('ours', 120), ...more]))).toBeCloseTo(60 / 120 / 3)
  expect(growthPerCompute(three)).toBeUndefined()
})

test('a restore is compared with the first deploy of the same run', () => {
  const restored = sample('ours', 120)
  restored.phases.push({ name: 'restore', seconds: 60 })
  expect(restoreShare(result([restored, sample('guide', 400)]))).toBe(0.5)
  expect(restoreShare(three)).toBeUndefined()
})

test("a service's scripts on several nodes are one phase", () => {
  const phases = ['nova', 'nova-compute', 'nova-cells', 'glance'].map((name) => ({ name, seconds: 2 }))
  expect(joinParts(phases)).toEqual([
    { name: 'nova', seconds: 6 },
    { name: 'glance', seconds: 2 },
  ])
})

test('the chart has a bar for each number, its spread, and text that is no markup', () => {
  const svg = drawChart(compareWays(three, 1), 'ours < guide', machineLine(three))
  expect(svg.match(/<rect class="(ours|guide)" x="150"/g)).toHaveLength(4)
  expect(svg.match(/class="spread"/g)).toHaveLength(2)
  expect(svg).toContain('ours &lt; guide')
  expect(svg).toContain('a &amp; b')
})

test('a result is saved and read back; a file that is not a result is ignored', () => {
  const file = resultFile(temporaryFolder(), 'lxc')
  expect(readResult(file)).toBeUndefined()
  writeResult(file, three)
  expect(readResult(file)).toEqual(three)
})

/** A result as table rows: each phase with both methods, their ratio, and the last result. */

import { table } from '../scripts/terminal/table.ts'
import { type Phase, type Result, type Sample, type Way, ways } from './result.ts'
import { ratioOf, type Summary, summarize } from './statistics.ts'

export interface Row {
  phase: string
  ours: Summary | undefined
  /** What ours was compared with: see `otherWay`. */
  other: Summary | undefined
  ratio: number | undefined
  /** Our time now divided by our time in the last result: 0.8 is a fifth quicker. */
  sinceLast: number | undefined
}

type Measure = 'seconds' | 'cpuSeconds' | 'writtenMiB'

const samplesOf = (result: Result, way: Way, computes: number): Sample[] =>
  result.samples.filter((sample) => sample.way === way && sample.computes === computes)

const numbersOf = (samples: readonly Sample[], phase: string, measure: Measure): number[] =>
  samples.flatMap(({ phases }) => {
    const number = phases.find(({ name }) => name === phase)?.[measure]
    return number === undefined ? [] : [number]
  })

/** What ours was compared with in this run. */
export const otherWay = ({ samples }: Result): Way => samples.find(({ way }) => way !== 'ours')?.way ?? 'guide'

/** In the order of their first appearance, ours first. */
function phaseNames(samples: readonly Sample[]): string[] {
  return [...new Set(samples.flatMap(({ phases }) => phases.map(({ name }: Phase) => name)))]
}

/** One row per phase; a phase of only one way is shown without a ratio. */
export function compareWays(result: Result, computes: number, last?: Result, measure: Measure = 'seconds'): Row[] {
  const ours = samplesOf(result, 'ours', computes)
  const theirs = samplesOf(result, otherWay(result), computes)
  const before = last ? samplesOf(last, 'ours', computes) : []
  const rows = phaseNames([...ours, ...theirs]).map((phase) => {
    const now = summarize(numbersOf(ours, phase, measure))
    const other = summarize(numbersOf(theirs, phase, measure))
    const was = summarize(numbersOf(before, phase, measure))
    return { phase, ours: now, other, ratio: ratioOf(now, other), sinceLast: ratioOf(was, now) }
  })
  return rows.filter((row) => row.ours ?? row.other)
}

export const peakOf = (result: Result, way: Way, computes: number): Summary | undefined =>
  summarize(samplesOf(result, way, computes).map(({ peakMiB }) => peakMiB))

/** What each further compute node adds, relative to the total with the fewest nodes. Undefined with one size. */
export function growthPerCompute(result: Result): number | undefined {
  const sizes = [...new Set(result.samples.filter(({ way }) => way === 'ours').map(({ computes }) => computes))]
  const [fewest, most] = [Math.min(...sizes), Math.max(...sizes)]
  const whole = (computes: number) => summarize(numbersOf(samplesOf(result, 'ours', computes), 'whole', 'seconds'))
  const [first, last] = [whole(fewest), whole(most)]
  if (!first || !last || most === fewest) return undefined
  return (last.median - first.median) / first.median / (most - fewest)
}

/** What a restore takes, relative to the first deploy of the same run. Undefined if nothing was restored. */
export function restoreShare({ samples }: Result): number | undefined {
  const restored = samples.filter(({ phases }) => phases.some(({ name }) => name === 'restore'))
  const [whole, restore] = ['whole', 'restore'].map((phase) => summarize(numbersOf(restored, phase, 'seconds')))
  return whole && restore && restore.median / whole.median
}

const number = (value: number) => (value < 100 ? value.toFixed(1) : value.toFixed(0))

function cell(summary: Summary | undefined): string {
  if (!summary) return ''
  const { median, min, max, runs } = summary
  return runs > 1 ? `${number(median)} (${number(min)}-${number(max)})` : number(median)
}

export function showRows(rows: readonly Row[], other: Way = 'guide'): string {
  const head = ['phase', 'ours, s', `${ways[other]}, s`, 'ratio', 'since last']
  const cells = rows.map(({ phase, ours, other: theirs, ratio, sinceLast }) => [
    phase,
    cell(ours),
    cell(theirs),
    ratio === undefined ? '' : `${ratio.toFixed(1)} x`,
    sinceLast === undefined ? '' : `${sinceLast <= 1 ? '-' : '+'}${Math.abs((sinceLast - 1) * 100).toFixed(0)} %`,
  ])
  return table([head, ...cells], { indent: '' }).join('\n')
}

export function machineLine({ machine, samples, hypervisor, begun }: Result): string {
  const loads = samples.map(({ loadBefore }) => loadBefore)
  const load = loads.length
    ? `; load before a run ${Math.min(...loads).toFixed(1)} to ${Math.max(...loads).toFixed(1)}`
    : ''
  return `${machine.cpus} processors (${machine.processor}), ${machine.memoryMiB} MiB, kernel ${machine.kernel}; nodes ${hypervisor}; ${begun.slice(0, 10)}${load}`
}

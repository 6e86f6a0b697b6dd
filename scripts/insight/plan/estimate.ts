/** How long an `up` will take, and which chain of steps determines this. Pure. */

import type { Hypervisor, Lab } from '../../declaration/lab.ts'
import { kindOf } from '../../nodes/kind-of.ts'
import type { Timings } from '../../run/progress/timings.ts'
import type { Download } from './downloads.ts'
import type { PlannedService } from './lab-plan.ts'
import { measured } from './measured.ts'

/** Seconds by `stack/name`, and their origin in words. */
export interface Basis {
  from: string
  seconds: Readonly<Record<string, number>>
}

export interface Link {
  stack: string
  name: string
  seconds: number
}

export interface Estimate {
  seconds: number
  from: string
  /** The longest chain: each step can begin only when the one before it is done. */
  chain: Link[]
}

/** The last run of this checkout that built everything, else of this machine, else values measured elsewhere. */
export function chooseBasis(
  lab: Pick<Lab, 'hypervisor'>,
  own: Timings | undefined,
  machine: Timings | undefined,
): Basis {
  const whole = (timings: Timings | undefined): timings is Timings =>
    timings?.hypervisor === lab.hypervisor && timings.steps.filter(({ stack }) => stack === 'services').length > 8
  for (const [timings, where] of [
    [own, 'of this checkout'],
    [machine, 'on this machine'],
  ] as const) {
    if (whole(timings))
      return { from: `the last up ${where}, ${timings.ended.slice(0, 10)}`, seconds: secondsOf(timings) }
  }
  return tableOf(lab.hypervisor)
}

function secondsOf({ steps }: Timings): Record<string, number> {
  const done = steps.filter(({ outcome }) => outcome === 'done')
  return Object.fromEntries(done.map(({ stack, name, start, end }) => [`${stack}/${name}`, (end - start) / 1000]))
}

/** An emulated node computes about twelve times slower; KVM is nearly as fast as a container. */
function tableOf(hypervisor: Hypervisor): Basis {
  const { where, seconds } = measured
  if (hypervisor === measured.hypervisor) return { from: `measured on ${where}`, seconds }
  const { slowdown } = kindOf({ hypervisor })
  const scaled = Object.entries(seconds).map(([step, value]) => [step, value * slowdown] as const)
  const why = slowdown > 1 ? `, times ${slowdown}` : `, ${hypervisor} not measured`
  return { from: `containers on ${where}${why}`, seconds: Object.fromEntries(scaled) }
}

/** From prepare to verify, after any downloads. */
export function estimate(services: readonly PlannedService[], downloads: readonly Download[], basis: Basis): Estimate {
  const link = (stack: string, name: string): Link[] => {
    const seconds = basis.seconds[`${stack}/${name}`]
    return seconds === undefined ? [] : [{ stack, name, seconds }]
  }
  const chain = [
    ...downloads.map(({ what, seconds }) => ({ stack: 'prepare', name: what, seconds })),
    ...link('nodes', 'whole'),
    ...longestChain(services, basis),
    ...link('cloud', 'whole'),
    ...link('verify', 'all'),
  ]
  return { seconds: chain.reduce((sum, { seconds }) => sum + seconds, 0), from: basis.from, chain }
}

/** Following the services' needs; a service without a measured time counts as zero. */
function longestChain(services: readonly PlannedService[], { seconds }: Basis): Link[] {
  const byName = new Map(services.map((service) => [service.name, service]))
  const known = new Map<string, { total: number; chain: Link[] }>()
  const ending = (name: string): { total: number; chain: Link[] } => {
    const found = known.get(name)
    if (found) return found
    const own = seconds[`services/${name}`] ?? 0
    const before = (byName.get(name)?.needs ?? []).filter((need) => byName.has(need)).map(ending)
    const longest = before.toSorted((a, b) => b.total - a.total)[0] ?? { total: 0, chain: [] }
    const result = {
      total: longest.total + own,
      chain: [...longest.chain, { stack: 'services', name, seconds: own }],
    }
    known.set(name, result)
    return result
  }
  return services.map(({ name }) => ending(name)).toSorted((a, b) => b.total - a.total)[0]?.chain ?? []
}

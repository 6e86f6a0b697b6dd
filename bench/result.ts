/** The result of a benchmark run: its format, and where the last one is stored. */

import { join } from 'node:path'
import { readJson, writeJson } from '../scripts/declaration/json-file.ts'
import type { Hypervisor } from '../scripts/declaration/lab.ts'
import type { Machine } from '../scripts/run/progress/timings.ts'
import type { UnitMemory } from './memory.ts'

/** Every way, with its name in tables and charts. */
export const ways = {
  /** `./lab`, with the default declaration. */
  ours: 'ours',
  /** The same services by the install guide's commands, one after the other. */
  guide: "the guide's way",
  /** `./lab`, with `lab_networking: self-service`. */
  'self-service': 'ours, self-service',
} as const
export type Way = keyof typeof ways

/** What one phase took. CPU time and bytes are those of the lab's nodes and of all processes started for them. */
export interface Phase {
  /** `nodes`, `glance`, `cloud`, `verify`, `whole`, `no-op`, … */
  name: string
  seconds: number
  cpuSeconds?: number
  writtenMiB?: number
}

export interface Sample {
  way: Way
  computes: number
  phases: Phase[]
  /** Peak anonymous memory of the nodes and of what created them. */
  peakMiB: number
  /** The machine's load at the start: other work that it was doing. */
  loadBefore: number
  /** For each unit, a while after the first deploy. */
  memory?: UnitMemory[]
  /** The chain of steps that determined the total time. */
  critical?: { name: string; seconds: number }[]
}

export interface Result {
  /** ISO 8601. */
  begun: string
  commit: string
  hypervisor: Hypervisor
  machine: Machine & { kernel: string }
  samples: Sample[]
}

/** The last result of this kind of node on this machine. */
export const resultFile = (cache: string, hypervisor: Hypervisor, kind = '') =>
  join(cache, 'bench', `${hypervisor}${kind}.json`)

export const writeResult: (file: string, result: Result) => void = writeJson

/** Undefined if there is none, or it cannot be read. */
export const readResult = (file: string) => readJson<Result>(file, ({ samples }) => Array.isArray(samples))

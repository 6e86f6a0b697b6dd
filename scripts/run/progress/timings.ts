/** The duration of each step: recorded by every process of an `up` as the step ends, and stored as one JSON file. */

import { appendFileSync, existsSync, mkdirSync, readFileSync, rmSync } from 'node:fs'
import { availableParallelism, cpus, totalmem } from 'node:os'
import { dirname, join } from 'node:path'
import { readJson, writeJson } from '../../declaration/json-file.ts'
import type { Hypervisor } from '../../declaration/lab.ts'
import type { Outcome } from './display.ts'

export interface TimedStep {
  /** `prepare`, `nodes`, `services`, `cloud`, `verify`. */
  stack: string
  /** `glance`, `node image`, `libvirt_domain.controller`. */
  name: string
  /** Milliseconds since 1970. */
  start: number
  end: number
  outcome: Outcome
}

export interface Machine {
  cpus: number
  processor: string
  memoryMiB: number
}

/** One `up`. */
export interface Timings {
  /** ISO 8601. */
  begun: string
  ended: string
  outcome: Outcome
  hypervisor: Hypervisor
  machine: Machine
  steps: TimedStep[]
}

/** Names the file in which the steps of this run are collected; absent if nobody needs them. */
const variable = 'DUOSTACK_STEPS'

/** From now on every step of this process and its children is recorded. */
export function collectSteps(root: string): void {
  const file = join(root, '.lab', 'steps.jsonl')
  mkdirSync(dirname(file), { recursive: true, mode: 0o700 })
  rmSync(file, { force: true })
  process.env[variable] = file
}

export function recordStep(step: TimedStep): void {
  const file = process.env[variable]
  if (!file || !existsSync(dirname(file))) return
  try {
    appendFileSync(file, `${JSON.stringify(step)}\n`, { mode: 0o600 })
  } catch {
    // On a full disk. Nothing rests on it; what does says so itself, with the place and what to do.
  }
}

export function collectedSteps(): TimedStep[] {
  const file = process.env[variable]
  if (!file || !existsSync(file)) return []
  return parseSteps(readFileSync(file, 'utf8'))
}

/** A truncated line of a killed process is ignored. */
export function parseSteps(lines: string): TimedStep[] {
  return lines.split('\n').flatMap((line) => {
    try {
      return line ? [JSON.parse(line) as TimedStep] : []
    } catch {
      return []
    }
  })
}

export function thisMachine(): Machine {
  const [first] = cpus()
  return {
    cpus: availableParallelism(),
    processor: first?.model.trim() ?? 'unknown',
    memoryMiB: Math.round(totalmem() / 2 ** 20),
  }
}

/** The last run of this checkout, kept until the lab is gone. */
export const timingsFile = (root: string) => join(root, '.lab', 'timings.json')

/** Of this machine: the last run that built a whole lab of this kind; kept when the lab goes. */
export const machineTimingsFile = (cache: string, hypervisor: Hypervisor) => join(cache, `timings-${hypervisor}.json`)

export const writeTimings: (file: string, timings: Timings) => void = writeJson

/** Undefined if there is none, or if it cannot be read. */
export const readTimings = (file: string) => readJson<Timings>(file, ({ steps }) => Array.isArray(steps))

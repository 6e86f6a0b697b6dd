/** The running exercise of a checkout: written before anything is changed, and removed when all is back. */

import { readFileSync, rmSync } from 'node:fs'
import { LabError } from '../declaration/errors.ts'
import { exerciseFile } from '../declaration/expect-no-exercise.ts'
import { replaceFile } from '../declaration/files.ts'
import { nearestTo } from '../declaration/nearest.ts'
import type { Exercise } from './exercise.ts'
import { exercises } from './table/index.ts'

export interface Running {
  name: string
  hidden: boolean
  /** ISO 8601. */
  began: string
  /** What was read before each change, as far as start came. */
  before: unknown[]
  /** How many hints were shown. */
  hints: number
  failedChecks: number
  /** The solution was shown. */
  shown: boolean
  /** When the check passed for the first time. */
  solved?: string
}

/** Not to hide it from whoever wants to know, but from whoever happens to look at the file. */
interface Stored {
  exercise: string
}

export function writeRunning(root: string, running: Running): void {
  const exercise = Buffer.from(JSON.stringify(running)).toString('base64')
  replaceFile(exerciseFile(root), `${JSON.stringify({ exercise } satisfies Stored)}\n`)
}

/** Undefined if none is running. Throws LabError if the file is not one of ours. */
export function readRunning(root: string): Running | undefined {
  let text: string
  try {
    text = readFileSync(exerciseFile(root), 'utf8')
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return undefined
    throw error
  }
  const running = parse(text)
  if (running) return running
  throw new LabError([
    {
      where: '.lab/exercise.json',
      given: 'not what ./lab exercise start wrote',
      allowed: 'the file of a running exercise',
      remedy: 'rm .lab/exercise.json && ./lab up, which repairs what it can; ./lab up --rebuild repairs everything',
    },
  ])
}

function parse(text: string): Running | undefined {
  try {
    const { exercise } = JSON.parse(text) as Stored
    const running = JSON.parse(Buffer.from(exercise, 'base64').toString()) as Running
    return Object.hasOwn(exercises, running.name) && Array.isArray(running.before) ? running : undefined
  } catch {
    return undefined
  }
}

/** Throws LabError if none is running. */
export function expectRunning(root: string): Running & { exercise: Exercise } {
  const running = readRunning(root)
  if (running) return { ...running, exercise: exercises[running.name]! }
  const [given, allowed] = ['no exercise is running', 'a running exercise']
  throw new LabError([{ where: './lab exercise', given, allowed, remedy: './lab exercise list' }])
}

export function removeRunning(root: string): void {
  rmSync(exerciseFile(root), { force: true })
}

/** Throws LabError for a name that no exercise has. */
export function expectExercise(name: string): Exercise {
  if (Object.hasOwn(exercises, name)) return exercises[name]!
  const near = nearestTo(name, Object.keys(exercises))
  const remedy = near ? `did you mean ${near}?` : './lab exercise list'
  const allowed = 'the name of an exercise'
  throw new LabError([{ where: './lab exercise start', given: name, allowed, remedy }])
}

export const hintCosts = [10, 20, 30] as const
export const failedCheckCost = 5

/** From 100 down; a solution that was shown gives nothing. */
export function scoreOf({ hints, failedChecks, shown }: Pick<Running, 'hints' | 'failedChecks' | 'shown'>): number {
  if (shown) return 0
  const cost = hintCosts.slice(0, hints).reduce((sum, one) => sum + one, 0)
  return Math.max(0, 100 - cost - failedCheckCost * failedChecks)
}

/** From start until the check passed, or until now. */
export const secondsOf = ({ began, solved }: Pick<Running, 'began' | 'solved'>, now = Date.now()): number =>
  Math.round(((solved ? Date.parse(solved) : now) - Date.parse(began)) / 1000)

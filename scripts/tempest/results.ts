/** What a run's lines say, test by test: also for the tests of a class that failed or was skipped as a whole. */

import { cut } from '../terminal/cut.ts'
import { nameOf, type Test } from './selection.ts'

/** One line of results.py. */
export interface Line {
  /** A test's full name, or `setUpClass (CLASS)`. */
  id: string
  status: 'success' | 'fail' | 'skip' | 'xfail' | 'uxsuccess' | 'inprogress'
  seconds: number
  reason: string
  traceback: string
}

export type Status = 'passed' | 'failed' | 'skipped' | 'left-out'

export interface Outcome {
  name: string
  status: Status
  seconds: number
  /** Why it is not passed; of a failure the error itself. */
  reason?: string
  traceback?: string
}

/** Undefined for what is no line of ours. */
export function parseLine(text: string): Line | undefined {
  if (!text.startsWith('{')) return undefined
  try {
    return JSON.parse(text) as Line
  } catch {
    return undefined
  }
}

/** Long enough for an API's answer with its details. */
const reasonLength = 400

/** What a traceback says was wrong, on one line: all behind the last of its calls. */
export function errorOf(traceback: string): string {
  const lines = traceback.trim().split('\n')
  const last = lines.findLastIndex((line) => /^ {2}File "/.test(line))
  const error = lines.slice(last + 1).filter((line, index) => !(index === 0 && /^ {4}/.test(line)))
  return cut(error.join(' ').replaceAll(/\s+/g, ' ').trim(), reasonLength) || 'no reason given'
}

export function outcomeOf(line: Line): Outcome {
  const { id, status, seconds, reason, traceback } = line
  const name = nameOf(id)
  if (status === 'success' || status === 'xfail') return { name, status: 'passed', seconds }
  if (status === 'skip') return { name, status: 'skipped', seconds, reason: reason || 'no reason given' }
  if (status !== 'fail') return { name, status: 'failed', seconds, reason: 'did not end' }
  return { name, status: 'failed', seconds, reason: errorOf(traceback), traceback }
}

/** `tempest.api.x.TheTest` of `setUpClass (tempest.api.x.TheTest)`. */
const classOf = (id: string) => /^\w+Class \((.+)\)$/.exec(id)?.[1]
const classOfTest = (name: string) => name.slice(0, name.lastIndexOf('.'))

/**
 * In the order of the tests; behind them what failed beside them, as the end of a class. Of a class that was not set up
 * no test is reported: each has its reason.
 */
export function foldResults(tests: readonly Test[], lines: readonly Line[]): Outcome[] {
  const byId = new Map(lines.map((line) => [nameOf(line.id), line]))
  const byClass = new Map(lines.flatMap((line) => (line.id.startsWith('setUpClass') ? [[classOf(line.id), line]] : [])))
  const outcomes = tests.map(({ name }): Outcome => {
    const line = byId.get(name) ?? byClass.get(classOfTest(name))
    if (!line) return { name, status: 'failed', seconds: 0, reason: 'was not run: the run ended before it' }
    return { ...outcomeOf(line), name, ...(byId.has(name) ? {} : { seconds: 0 }) }
  })
  const ends = lines.filter(({ id, status }) => id.startsWith('tearDownClass') && status === 'fail').map(outcomeOf)
  return [...outcomes, ...ends]
}

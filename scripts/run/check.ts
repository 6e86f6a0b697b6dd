/**
 * One check of a lab and its result, in the form that verify, status and doctor share. verify repeats a check until it
 * holds or its time is up, status checks once, the doctor adds cause and repair.
 */

import { CommandError, ConnectError, NotReadyError } from '../declaration/errors.ts'

/** One fact about a lab that was checked. */
export interface Observation {
  /** Identifies the check, the same in every run: `agents/controller`. For programs. */
  id: string
  /** As a fact that should hold: `3 network agents alive on controller`. */
  what: string
  ok: boolean
  /** What was seen, good or bad, for people. */
  seen: string
  /** The same for programs: numbers are numbers. */
  data?: Readonly<Record<string, string | number | boolean>>
  /** A command to paste, for when it is not ok. */
  next: string
}

/** Something that is checked, defined once. `Around` is what the check needs. */
export interface Check<Around> {
  id: string
  /** Names the one line that says why nothing could be read at all. */
  what: (around: Around) => string
  /** How long it may take until all of it holds, for native speed. */
  timeoutSeconds: number
  /** Checks once and changes nothing. An error that it throws becomes an observation too: see `failed`. */
  observe: (around: Around) => Promise<Observation[]>
}

const lastLine = (text: string) => text.trimEnd().split('\n').at(-1)?.trim() ?? ''

/** What an error means as an observation: its last answer and its own `next`, in one line each; `elseNext` where it has none. */
export function failed(
  { id, what }: Pick<Observation, 'id' | 'what'>,
  error: unknown,
  elseNext = './lab status',
): Observation {
  const bad = (seen: string, next: string) => ({ id, what, ok: false, seen, next })
  if (error instanceof NotReadyError) return bad(`${error.what}: ${error.lastAnswer}`, error.next)
  if (error instanceof ConnectError) return bad(`${error.node}: no connection: ${error.detail}`, error.paste)
  if (error instanceof CommandError) {
    const { node, step, exitCode, output, paste } = error.failure
    return bad(`${node}: ${step}: exit code ${exitCode}: ${lastLine(output)}`, paste)
  }
  return bad((error as Error).message.split('\n').slice(0, 3).join(' '), elseNext)
}

/** The result of a check that depends on a failed one. */
export function notTried({ id, what }: Pick<Observation, 'id' | 'what'>, why: Observation): Observation {
  return { id, what, ok: false, seen: `not tried: ${why.what} does not hold`, data: { tried: false }, next: why.next }
}

export const wasTried = ({ data }: Pick<Observation, 'data'>): boolean => data?.tried !== false

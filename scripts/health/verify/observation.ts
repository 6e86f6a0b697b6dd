/** One line of `verify`: what was looked at, what was seen, and where to look next when it is not as it should be. */

import type { CloudClient } from '../../cloud/client.ts'
import { CommandError, ConnectError, NotReadyError } from '../../declaration/errors.ts'
import type { Lab } from '../../declaration/lab.ts'
import { poll } from '../../run/wait-for.ts'
import { cut } from '../../terminal/cut.ts'
import { visibleIn } from '../../terminal/visible.ts'

export interface Observation {
  /** As a fact that should hold: `3 network agents alive on controller`. */
  what: string
  ok: boolean
  /** What was seen, good or bad. */
  seen: string
  /** A command to paste, for when it is not ok. */
  next: string
}

/** What every part of verify works with. */
export interface Watch {
  lab: Lab
  /** Signed in once; each part that needs the cloud fails by itself where Keystone does not answer. */
  cloud: () => Promise<CloudClient>
  /** Factor of every deadline; 0 looks once. */
  patience: number
}

const lastLine = (text: string) => text.trimEnd().split('\n').at(-1)?.trim() ?? ''

/** What an error means as an observation: its last answer and its own `next`, in one line each. */
export function failed(what: string, error: unknown): Observation {
  if (error instanceof NotReadyError) {
    return { what, ok: false, seen: `${error.what}: ${error.lastAnswer}`, next: error.next }
  }
  if (error instanceof ConnectError) {
    return { what, ok: false, seen: `${error.node}: no connection: ${error.detail}`, next: error.paste }
  }
  if (error instanceof CommandError) {
    const { node, step, exitCode, output, paste } = error.failure
    return { what, ok: false, seen: `${node}: ${step}: exit code ${exitCode}: ${lastLine(output)}`, next: paste }
  }
  return { what, ok: false, seen: (error as Error).message.split('\n').slice(0, 3).join(' '), next: './lab status' }
}

/** What rests on a line that does not hold. */
export function notTried(what: string, why: Observation): Observation {
  return { what, ok: false, seen: `not tried: ${why.what} does not hold`, next: why.next }
}

const isFine = (observations: readonly Observation[]) => observations.every(({ ok }) => ok)

/**
 * Reads until everything holds or the deadline (native seconds, scaled) has passed; gives the last reading. An error is
 * a reading too: the failing observation named `what`.
 */
export async function observeUntil(
  { lab, patience }: Watch,
  what: string,
  deadlineSeconds: number,
  read: () => Promise<Observation[]>,
): Promise<Observation[]> {
  const look = () => read().catch((error: unknown) => [failed(what, error)])
  // An emulated guest pays for every question: ask it seldom.
  const polling = { timeoutSeconds: patience * deadlineSeconds, pauseSeconds: 2, longestPauseSeconds: 15 }
  return (await poll(lab, polling, look, isFine)).seen
}

/**
 * The list as a person reads it; failures carry their next step. Good lines are cut at `width`, the terminal's, where it
 * is known: a failure is always told whole.
 */
export function showObservations(observations: readonly Observation[], width = Number.POSITIVE_INFINITY): string {
  const lines = visibleIn(observations).map(({ what, ok, seen, next }) =>
    ok ? cut(`  ✓ ${what}: ${seen}`, width) : `  ✗ ${what}: ${seen}\n      look at: ${next}`,
  )
  const bad = observations.filter(({ ok }) => !ok).length
  const end = bad
    ? `${bad} of ${observations.length} observations failed`
    : `${observations.length} observations, all good`
  return [...lines, end].join('\n')
}

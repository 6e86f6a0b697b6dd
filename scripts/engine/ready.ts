/** Waits until what must hold of a service holds; every wait has a deadline and says what it waits for. */

import { availableParallelism, loadavg } from 'node:os'
import { CommandError, ConnectError } from '../declaration/errors.ts'
import { fetchError } from '../run/fetch-error.ts'
import type { Host } from '../run/host.ts'
import { scaled, timeouts } from '../run/timeouts.ts'
import { waitFor } from '../run/wait-for.ts'
import type { Subject } from './operation.ts'
import { mask } from './run-operations.ts'
import type { Check } from './service.ts'

export interface ReadySettings {
  label: string
  timeScale: number
  /** By how much this machine is too busy just now; asked at each try. */
  crowding?: () => number
  /** Values that never appear in an answer. */
  secrets: readonly string[]
  /** The node that answers for a check's role. */
  hostFor: (check: Check) => Host
  /** The command that shows more when a check does not come true in time. */
  lookAt: (check: Check) => string
  /** Called with each answer that does not hold yet. */
  onWait?: (what: string, answer: string) => void
}

/** What differs where it does not hold. */
export const readySubject = ({ what }: Pick<Check, 'what'>): Subject => ({
  phase: 'ready',
  kind: 'check',
  title: `ready: ${what}`,
})

/** An answer that does not hold; undefined where it holds. */
export async function readCheck(check: Check, settings: ReadySettings): Promise<string | undefined> {
  return 'url' in check ? readUrl(check, settings) : readCommand(check, settings)
}

/** Throws NotReadyError when the deadline is over. Polled from here: an emulated node has better things to do. */
export async function waitForCheck(check: Check, settings: ReadySettings): Promise<void> {
  const wait = {
    what: `${settings.label}: ${check.what}`,
    timeoutSeconds: check.deadlineSeconds ?? timeouts.services.ready.seconds,
    pauseSeconds: 0.3,
    crowding: settings.crowding ?? crowdingHere,
    next: settings.lookAt(check),
  }
  await waitFor(settings, wait, async () => {
    const answer = await readCheck(check, settings)
    if (answer === undefined) return { found: true }
    settings.onWait?.(check.what, answer)
    return { now: answer }
  })
}

/** Processes that want a core for each core there is, 1 to 4: on a crowded machine everything comes, but late. */
const crowdingHere = () => Math.min(4, Math.max(1, loadavg()[0]! / availableParallelism()))

/** Real seconds that a command may take: a node that is busy needs its time to answer at all. */
export function commandSeconds({ deadlineSeconds }: CommandCheck, { timeScale }: { timeScale: number }): number {
  const { ready, readyCommand } = timeouts.services
  return Math.max(readyCommand.seconds, deadlineSeconds ?? ready.seconds) * timeScale
}

type UrlCheck = Extract<Check, { url: string }>
type CommandCheck = Extract<Check, { command: string }>

async function readUrl({ url, status }: UrlCheck, speed: { timeScale: number }): Promise<string | undefined> {
  try {
    const response = await fetch(url, {
      redirect: 'manual',
      signal: AbortSignal.timeout(scaled(speed, timeouts.services.readyAnswer) * 1000),
    })
    await response.body?.cancel()
    return status.includes(response.status) ? undefined : `${url} answers ${response.status}`
  } catch (error) {
    return `${url}: ${fetchError(error)}`
  }
}

async function readCommand(check: CommandCheck, settings: ReadySettings): Promise<string | undefined> {
  const host = settings.hostFor(check)
  const timeoutSeconds = commandSeconds(check, settings)
  try {
    await host.run(check.command, { step: `${settings.label}: ${check.what}`, timeoutSeconds })
    return undefined
  } catch (error) {
    if (error instanceof CommandError) {
      const { output, exitCode } = error.failure
      return mask(output, settings.secrets).trim().split('\n').slice(-5).join('; ') || `exit code ${exitCode}`
    }
    if (error instanceof ConnectError) return error.detail
    throw error
  }
}

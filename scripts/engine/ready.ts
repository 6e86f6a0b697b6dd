/** Waits until a service is ready; every wait has a deadline and says what it waits for. */

import { availableParallelism, loadavg } from 'node:os'
import { CommandError, ConnectError } from '../declaration/errors.ts'
import type { Check, Observation } from '../run/check.ts'
import { fetchError } from '../run/fetch-error.ts'
import type { Host } from '../run/host.ts'
import { scaled, timeouts } from '../run/timeouts.ts'
import { waitFor } from '../run/wait-for.ts'
import type { Subject } from './operation.ts'
import { mask } from './run-operations.ts'
import type { Readiness } from './service.ts'

export interface ReadySettings {
  label: string
  timeScale: number
  /** How many times too busy this machine is now; called at each try. */
  crowding?: () => number
  /** Values that never appear in an answer. */
  secrets: readonly string[]
  /** The node on which a check runs. */
  hostFor: (ready: Readiness) => Host
  /** The command that shows more if a check does not succeed in time. */
  lookAt: (ready: Readiness) => string
  /** Called with each answer while the check fails. */
  onWait?: (what: string, answer: string) => void
}

/** What differs if the check fails. */
export const readySubject = ({ what }: Pick<Readiness, 'what'>): Subject => ({
  phase: 'ready',
  kind: 'check',
  title: `ready: ${what}`,
})

/** A service's readiness as a check. */
export function readyCheck(ready: Readiness, { label, lookAt }: ReadySettings): Check<ReadySettings> {
  const { what } = ready
  const id = `ready/${label}`
  const read = (settings: ReadySettings) => ('url' in ready ? readUrl(ready, settings) : readCommand(ready, settings))
  return {
    id,
    what: () => what,
    timeoutSeconds: ready.deadlineSeconds ?? timeouts.services.ready.seconds,
    observe: async (settings) => [{ id, what, ...(await read(settings)), next: lookAt(ready) }],
  }
}

/** Throws NotReadyError after the deadline. Polls from this machine, to spare a slow emulated node the work. */
export async function waitUntilReady(ready: Readiness, settings: ReadySettings): Promise<void> {
  const { observe, timeoutSeconds } = readyCheck(ready, settings)
  const wait = {
    what: `${settings.label}: ${ready.what}`,
    timeoutSeconds,
    pauseSeconds: 0.3,
    crowding: settings.crowding ?? crowdingHere,
    next: settings.lookAt(ready),
  }
  await waitFor(settings, wait, async () => {
    const missing = (await observe(settings)).find(({ ok }) => !ok)
    if (!missing) return { found: true }
    settings.onWait?.(ready.what, missing.seen)
    return { now: missing.seen }
  })
}

/** Runnable processes per core, between 1 and 4: on a crowded machine everything takes longer. */
const crowdingHere = () => Math.min(4, Math.max(1, loadavg()[0]! / availableParallelism()))

/** Real seconds that a command may take: a busy node needs time even to answer. */
export function commandSeconds({ deadlineSeconds }: CommandReadiness, { timeScale }: { timeScale: number }): number {
  const { ready, readyCommand } = timeouts.services
  return Math.max(readyCommand.seconds, deadlineSeconds ?? ready.seconds) * timeScale
}

type UrlReadiness = Extract<Readiness, { url: string }>
type CommandReadiness = Extract<Readiness, { command: string }>
type Seen = Pick<Observation, 'ok' | 'seen'>

async function readUrl({ url, status }: UrlReadiness, speed: { timeScale: number }): Promise<Seen> {
  try {
    const response = await fetch(url, {
      redirect: 'manual',
      signal: AbortSignal.timeout(scaled(speed, timeouts.services.readyAnswer) * 1000),
    })
    await response.body?.cancel()
    return { ok: status.includes(response.status), seen: `${url} answers ${response.status}` }
  } catch (error) {
    return { ok: false, seen: `${url}: ${fetchError(error)}` }
  }
}

async function readCommand(ready: CommandReadiness, settings: ReadySettings): Promise<Seen> {
  const host = settings.hostFor(ready)
  const timeoutSeconds = commandSeconds(ready, settings)
  try {
    await host.run(ready.command, { step: `${settings.label}: ${ready.what}`, timeoutSeconds })
    return { ok: true, seen: 'exit code 0' }
  } catch (error) {
    if (error instanceof CommandError) {
      const { output, exitCode } = error.failure
      const lines = mask(output, settings.secrets).trim().split('\n').slice(-5).join('; ')
      return { ok: false, seen: lines || `exit code ${exitCode}` }
    }
    if (error instanceof ConnectError) return { ok: false, seen: error.detail }
    throw error
  }
}

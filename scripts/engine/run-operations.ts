/** Runs operations on a node and turns the script's marker lines into changes, or into a helpful error. */

import { CommandError } from '../declaration/errors.ts'
import type { Host } from '../run/host.ts'
import { trace } from '../run/progress/trace.ts'
import { timeouts } from '../run/timeouts.ts'
import { type Change, type Operation, type Subject, subjectOf } from './operation.ts'
import { composeScript, type NodePlaces } from './script.ts'

export interface RunSettings {
  /** The first word of each step's name in an error: the service. */
  label: string
  dry: boolean
  timeScale: number
  /** Values that never appear in an error or a reason. */
  secrets: readonly string[]
  places?: NodePlaces
  onChange?: (change: Change) => void
  /** An operation is being checked, and corrected if needed. */
  onStart?: (node: string, operation: Subject) => void
}

/** A dry run returns what differs; otherwise what was changed. `index` is the operation's place in the list. */
export interface Outcome extends Change {
  index: number
}

/** One round trip. Throws CommandError with the operation's title if one fails; earlier ones stay done. */
export async function runOperations(
  host: Host,
  operations: readonly Operation[],
  settings: RunSettings,
): Promise<Outcome[]> {
  if (operations.length === 0) return []
  const { dry, label, places, timeScale } = settings
  const outcomes: Outcome[] = []
  let current = operations[0]!
  let finished = 0
  let failure: CommandError | undefined
  const onLine = (line: string) => {
    const marker = readMarker(line)
    if (!marker) return
    const { kind, index } = marker
    const operation = operations[index]!
    if (kind === 'start') {
      current = operation
      settings.onStart?.(host.name, operation)
      trace(host.name, mask(operation.check, settings.secrets))
    } else if (kind === 'failed') failure = failed(host, operation, marker.code, marker.text, settings)
    else finished++
    // The node reports that something was wrong only after it has corrected it.
    if (kind === 'changed' || kind === 'failed') trace(host.name, mask(operation.apply, settings.secrets))
    if (kind !== 'changed' && kind !== 'differs') return
    const reason = oneLine(mask(marker.text, settings.secrets))
    outcomes.push({ index, node: host.name, ...subjectOf(operation), reason })
    settings.onChange?.(outcomes.at(-1)!)
  }
  const script = composeScript(operations, { dry, lockName: label, ...(places ? { places } : {}) })
  const { step, roundTrip } = timeouts.services
  const limits = operations.map((operation) => operation.timeoutSeconds ?? step.seconds)
  const timeoutSeconds = timeScale * limits.reduce((sum, seconds) => sum + seconds, roundTrip.seconds)
  // Without a `failed` marker the script itself was ended (time limit, node's shutdown) at the current operation.
  const output = await host.run(script, { step: label, timeoutSeconds, onLine }).catch((error: unknown) => {
    if (!(error instanceof CommandError)) throw error
    throw failed(host, current, error.failure.exitCode, withoutMarkers(error.failure.output), settings)
  })
  if (failure) throw failure
  if (finished < operations.length) throw failed(host, current, 1, withoutMarkers(output), settings)
  return outcomes.sort((one, other) => one.index - other.index)
}

/** `KIND INDEX [CODE] [text in base64]` */
const markerPattern = /^(start|ok|changed|differs|failed) (\d+) (?:(\d+) )?(\S*)$/

function readMarker(line: string) {
  const [, kind, index, code, encoded] = markerPattern.exec(line) ?? []
  if (!kind) return undefined
  const text = Buffer.from(encoded ?? '', 'base64').toString('utf8')
  return { kind, index: Number(index), code: Number(code), text: text.trimEnd() }
}

function withoutMarkers(output: string): string {
  const rest = output.split('\n').filter((line) => !markerPattern.test(line))
  return rest.join('\n').trim() || 'the script on the node was ended here'
}

function failed(host: Host, { title, paste }: Operation, exitCode: number, output: string, settings: RunSettings) {
  const { label, secrets } = settings
  const shown = paste && mask(paste, secrets) === paste
  return new CommandError({
    node: host.name,
    step: `${label}: ${title}`,
    paste: shown ? (host.paste?.(paste) ?? `ssh ${host.name} ${paste}`) : `npx tsx scripts/provision.ts ${label}`,
    exitCode,
    output: mask(output, secrets),
  })
}

function oneLine(text: string): string {
  const lines = text.split('\n').filter((line) => line.trim())
  return lines.join('; ') || 'not as it should be'
}

/** Secrets are 32 random characters; one shorter than 8 is from a test or a mistake, and would mask ordinary words. */
export function mask(text: string, secrets: readonly string[]): string {
  return secrets.filter((secret) => secret.length >= 8).reduce((rest, secret) => rest.replaceAll(secret, '***'), text)
}

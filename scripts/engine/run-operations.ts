/** Runs operations on a node and turns the script's marker lines into changes, or into an error that can be acted on. */

import { CommandError } from '../errors.ts'
import type { Host } from './host.ts'
import type { Change, Operation } from './operation.ts'
import { composeScript, type NodePlaces } from './script.ts'

export interface RunSettings {
  /** Begins each step's name in an error: the service. */
  label: string
  dry: boolean
  timeScale: number
  /** Values that never appear in an error or a reason. */
  secrets: readonly string[]
  places?: NodePlaces
  onChange?: (change: Change) => void
}

/** A dry run gives what differs; else what was changed. Index is the operation's place in the list. */
export interface Outcome extends Change {
  index: number
}

/** One round trip. Throws CommandError with the operation's title when one fails; the ones before it stay done. */
export async function runOperations(
  host: Host,
  operations: readonly Operation[],
  settings: RunSettings,
): Promise<Outcome[]> {
  if (operations.length === 0) return []
  const { dry, label, places } = settings
  const outcomes: Outcome[] = []
  let failure: CommandError | undefined
  let finished = 0
  const onLine = (line: string) => {
    const marker = /^(start|ok|changed|differs|failed|waiting) (\d+) (?:(\d+) )?(\S*)$/.exec(line)
    if (!marker) return
    const [, kind, place, code, encoded] = marker
    const index = Number(place)
    const operation = operations[index]!
    const text = mask(
      Buffer.from(encoded ?? '', 'base64')
        .toString('utf8')
        .trimEnd(),
      settings.secrets,
    )
    if (kind === 'ok' || kind === 'changed' || kind === 'differs') finished++
    if (kind === 'failed') failure = failed(host, operation, Number(code), text, settings)
    if (kind !== 'changed' && kind !== 'differs') return
    const outcome = { index, node: host.name, title: operation.title, reason: oneLine(text) }
    outcomes.push(outcome)
    settings.onChange?.(outcome)
  }
  const script = composeScript(operations, { dry, lockName: label, ...(places ? { places } : {}) })
  const timeoutSeconds =
    settings.timeScale * operations.reduce((sum, operation) => sum + (operation.timeoutSeconds ?? 120), 600)
  const output = await host.run(script, { step: label, timeoutSeconds, onLine })
  if (failure) throw failure
  if (finished < operations.length) throw cutShort(host, operations[finished]!, output, settings)
  return outcomes.sort((one, other) => one.index - other.index)
}

function failed(host: Host, operation: Operation, exitCode: number, output: string, settings: RunSettings) {
  return new CommandError({
    node: host.name,
    step: `${settings.label}: ${operation.title}`,
    paste: pasteable(host, operation, settings),
    exitCode,
    output,
  })
}

function cutShort(host: Host, operation: Operation, output: string, settings: RunSettings) {
  return failed(host, operation, 1, `the script ended early\n${mask(output, settings.secrets)}`, settings)
}

function pasteable(host: Host, { paste }: Operation, { label, secrets }: RunSettings): string {
  if (!paste || mask(paste, secrets) !== paste) return `npx tsx scripts/provision.ts ${label}`
  return host.paste?.(paste) ?? `ssh ${host.name} ${paste}`
}

function oneLine(text: string): string {
  return (
    text
      .split('\n')
      .filter((line) => line.trim())
      .join('; ') || 'not as it should be'
  )
}

/** Secrets are 32 random characters; anything shorter than 8 is a test's or a mistake and would blank out words. */
export function mask(text: string, secrets: readonly string[]): string {
  return secrets.filter((secret) => secret.length >= 8).reduce((rest, secret) => rest.replaceAll(secret, '***'), text)
}

/** Combines the operations of one node into one bash script, so that a part costs one round trip. */

import { readFileSync } from 'node:fs'
import { shellQuote } from '../terminal/shell-quote.ts'
import type { Operation } from './operation.ts'

const library = ['run', 'files', 'units']
  .map((name) => readFileSync(new URL(`node/${name}.sh`, import.meta.url), 'utf8'))
  .join('\n')

/** Where the engine keeps its own files on a node. */
export interface NodePlaces {
  /** Locks, and what units recorded at their start; gone after a reboot, like the running units. */
  run: string
  systemd: string
  /** Debian's mechanism to keep packages from starting their daemons. */
  policy: string
}

export const nodePlaces: NodePlaces = {
  run: '/run/duostack',
  systemd: '/etc/systemd/system',
  policy: '/usr/sbin/policy-rc.d',
}

export interface ScriptOptions {
  /** Checks only: nothing on the node changes, and no content that an operation would write is sent. */
  dry: boolean
  /** Names the lock on the node: the service. */
  lockName: string
  /** Tests use their own paths. */
  places?: NodePlaces
}

/** The script; `runOperations` reads its marker lines. Operations are numbered by their position. */
export function composeScript(operations: readonly Operation[], options: ScriptOptions): string {
  const { run, systemd, policy } = options.places ?? nodePlaces
  const head = [
    `dry=${options.dry ? 1 : 0} lock_name=${shellQuote(options.lockName)}`,
    `run_directory=${shellQuote(run)} systemd_directory=${shellQuote(systemd)} policy_file=${shellQuote(policy)}`,
    library,
  ]
  const body = operations.flatMap((operation, index) => [
    // A dry run changes nothing, so one read at its start serves all. Otherwise state is read just before its phase.
    ...(options.dry ? (index === 0 ? readCommands(operations) : []) : readCommands(phaseStarting(operations, index))),
    `check() {`,
    operation.reads ? `((!recheck)) || { ${readCommands([operation]).join('; ')}; }` : ':',
    operation.check,
    '}',
    ...(options.dry ? [] : ['apply() {', operation.apply, '}']),
    `operation ${index}`,
  ])
  return [...head, ...body, 'wait', ''].join('\n')
}

/** The operations of the phase that begins at `index`; none if the phase has already begun. */
function phaseStarting(operations: readonly Operation[], index: number): readonly Operation[] {
  const phase = operations[index]!.phase
  if (operations[index - 1]?.phase === phase) return []
  const end = operations.findIndex((operation, place) => place > index && operation.phase !== phase)
  return operations.slice(index, end < 0 ? undefined : end)
}

function readCommands(operations: readonly Operation[]): string[] {
  const all = (kind: 'files' | 'units') => [
    ...new Set(operations.flatMap((operation) => operation.reads?.[kind] ?? [])),
  ]
  const files = all('files')
  const units = all('units')
  return [
    ...(files.length > 0 ? [`read_files ${files.map(shellQuote).join(' ')}`] : []),
    ...(units.length > 0 ? [`read_units ${units.map(shellQuote).join(' ')}`] : []),
    ...(operations.some((operation) => operation.reads?.packages) ? ['read_packages'] : []),
  ]
}

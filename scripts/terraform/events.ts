/** Turns Terraform's JSON events into steps: one per resource that changes, with parallel ones on their own lines. */

import type { Outcome, Running } from '../run/progress/display.ts'
import { isStopping } from '../run/progress/stop.ts'
import { isVerbose } from '../run/progress/trace.ts'
import type { Steps } from '../run/progress.ts'

export interface TerraformEvent {
  type: string
  '@message': string
  '@level': string
  hook?: { resource?: { addr: string }; action?: string; elapsed_seconds?: number; output?: string }
  change?: { resource: { addr: string }; action: string }
  changes?: { add: number; change: number; remove: number; operation: string }
  diagnostic?: { severity: string; summary: string; detail?: string; address?: string }
}

export interface StackOutcome {
  changes: { add: number; change: number; remove: number }
  diagnostics: string[]
}

export interface StackEvents {
  take(event: TerraformEvent): void
  /** `stopped`: by Ctrl-C, which is no failure. */
  end(stopped?: boolean): StackOutcome
}

/** `terraform_data.glance` -> `glance`; other resources keep their type, which tells what they are. */
export const shortName = (address: string) => address.replace(/^terraform_data\./, '')

const verbs: Record<string, string> = { create: 'created', update: 'changed', delete: 'removed', read: 'read' }

/** The prefix of a provisioner's line about what it is doing; it is shown next to its step and not kept. */
const isPassing = (line: string) => /^\s*…/.test(line)

/** Terraform's own announcement of a provisioner says nothing that its name does not. */
const isOurs = (line: string) => !line.startsWith('Executing: ')

interface StackView {
  steps: Steps
  stack: string
  /** The names that a resource of this stack waits for; empty if it waits for nothing. */
  needsOf: (name: string) => readonly string[]
}

/** How far a stack is. */
interface StackState extends StackView {
  outcome: StackOutcome
  whole: Running
  running: Map<string, Running>
  /** Resources that have yet to change; how many there were; which of them are recreated. */
  planned: Set<string>
  total: number
  replaced: Set<string>
}

const nameOf = (event: TerraformEvent) => shortName(event.hook?.resource?.addr ?? '')

function showWhole({ steps, stack, needsOf, whole, running, planned, total }: StackState): void {
  whole.note(`${total - planned.size} of ${total}`)
  const waiting = [...planned].filter((name) => !running.has(name))
  steps.waiting(describeWaiting(stack, waiting, planned, needsOf))
}

function plan({ planned, replaced, ...state }: StackState, { change }: TerraformEvent): number {
  if (!change || change.action === 'noop' || change.action === 'read') return state.total
  const name = shortName(change.resource.addr)
  planned.add(name)
  if (change.action === 'replace') replaced.add(name)
  return planned.size
}

function start(state: StackState, event: TerraformEvent): void {
  const { stack, steps, running } = state
  // What was a service's resource before is let go without a word: on the nodes nothing is removed.
  if (stack === 'services' && event.hook?.action === 'delete') return
  const name = nameOf(event)
  running.set(name, steps.begin(`${stack}: ${name}`, { stack, name }))
  showWhole(state)
}

function progress({ steps, running }: StackState, event: TerraformEvent): void {
  const line = event.hook?.output ?? ''
  if (!isOurs(line)) return
  running.get(nameOf(event))?.note(line.replace(/^\s*[…+✓~]\s*/, ''))
  if (isVerbose() && line.trim() && !isPassing(line)) steps.line(`    ${nameOf(event)} ${line.trim()}`)
}

function finish(state: StackState, event: TerraformEvent, result: Outcome): void {
  const { stack, running, planned, replaced } = state
  const name = nameOf(event)
  const action = event.hook?.action ?? ''
  const verb = stack === 'services' && replaced.has(name) ? 'applied again' : (verbs[action] ?? 'done')
  const word = result === 'done' ? verb : result
  running.get(name)?.end(result, `${stack}: ${name} ${word}`)
  running.delete(name)
  // A replacement is a removal first: the resource is done once it is made again.
  if (result === 'done' && (action !== 'delete' || !replaced.has(name))) planned.delete(name)
  showWhole(state)
}

const handlers: Record<string, (state: StackState, event: TerraformEvent) => void> = {
  planned_change(state, event) {
    state.total = plan(state, event)
  },
  apply_start: start,
  provision_progress: progress,
  apply_complete: (state, event) => finish(state, event, 'done'),
  apply_errored: (state, event) => finish(state, event, isStopping() ? 'stopped' : 'failed'),
  change_summary({ outcome }, { changes }) {
    if (changes && changes.operation !== 'plan') outcome.changes = changes
  },
  diagnostic({ outcome }, { diagnostic }) {
    if (diagnostic?.severity === 'error') outcome.diagnostics.push(describeDiagnostic(diagnostic))
  },
}

function end({ steps, stack, outcome, whole, running, planned, total }: StackState, stopped: boolean): StackOutcome {
  for (const step of running.values()) step.end('stopped')
  steps.waiting([])
  const result = stopped ? 'stopped' : outcome.diagnostics.length > 0 ? 'failed' : 'done'
  const done = `${total - planned.size} of ${total} done`
  whole.end(result, `${stack}: ${result === 'done' ? describeChanges(stack, outcome.changes) : done}`)
  return outcome
}

export function showEvents(view: StackView): StackEvents {
  const { steps, stack } = view
  const state: StackState = {
    ...view,
    outcome: { changes: { add: 0, change: 0, remove: 0 }, diagnostics: [] },
    whole: steps.begin(`stack ${stack}`, { stack, name: 'whole' }),
    running: new Map(),
    planned: new Set(),
    total: 0,
    replaced: new Set(),
  }
  state.whole.note('reading the current state')
  return { take: (event) => handlers[event.type]?.(state, event), end: (stopped = false) => end(state, stopped) }
}

/**
 * Of a provisioner that failed: its command, which can be pasted, and what it said itself. Terraform repeats all of its
 * output; what it did in passing is no part of the failure.
 */
function describeDiagnostic({ address, summary, detail = '' }: NonNullable<TerraformEvent['diagnostic']>): string {
  const [, command, status, output] =
    /Error running command '(.*?)': (exit status \d+)\. Output:(.*)/s.exec(detail) ?? []
  if (command === undefined) return [address, summary, detail].filter(Boolean).join(': ')
  const said = (output ?? '').split('\n').filter((line) => line.trim() && !isPassing(line))
  return [`${shortName(address ?? '')}: ${status}: ${command}`, ...said].join('\n')
}

/** A service that is applied again is another resource for Terraform, and the same service for everybody else. */
export function describeServices({ add, remove }: StackOutcome['changes']): string {
  const again = Math.min(add, remove)
  const count = (number: number, what: string) =>
    number ? [`${number} ${number === 1 ? 'service' : 'services'} ${what}`] : []
  return [...count(add - again, 'applied'), ...count(again, 'applied again'), ...count(remove - again, 'removed')].join(
    ', ',
  )
}

function describeChanges(stack: string, changes: StackOutcome['changes']): string {
  const { add, change, remove } = changes
  if (add + change + remove === 0) return 'nothing changed'
  return stack === 'services' ? describeServices(changes) : `${add} added, ${change} changed, ${remove} destroyed`
}

/** `services: nova waits for glance, placement`: what is still open of its needs. */
function describeWaiting(
  stack: string,
  names: readonly string[],
  planned: ReadonlySet<string>,
  needsOf: StackView['needsOf'],
): string[] {
  return names.flatMap((name) => {
    const open = needsOf(name).filter((need) => planned.has(need))
    return open.length > 0 ? [`${stack}: ${name} waits for ${open.join(', ')}`] : []
  })
}

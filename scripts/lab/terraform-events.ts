/** Terraform's JSON events, told as steps: one for each resource that changes, those that run side by side on their own lines. */

import { isStopping } from '../progress/stop.ts'
import { isVerbose } from '../progress/trace.ts'
import type { Running, Steps } from '../progress.ts'

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

const verbs: Record<string, string> = { create: 'made', update: 'changed', delete: 'removed', read: 'read' }

/** What a provisioner prints of what it does just now begins so; it is shown beside it and not kept. */
const isPassing = (line: string) => /^\s*…/.test(line)

/** Terraform's own announcement of a provisioner says nothing that its name does not. */
const isOurs = (line: string) => !line.startsWith('Executing: ')

interface StackView {
  steps: Steps
  stack: string
  /** The names that a resource of this stack waits for; empty where it waits for nothing. */
  needsOf: (name: string) => readonly string[]
}

export function showEvents({ steps, stack, needsOf }: StackView): StackEvents {
  const outcome: StackOutcome = { changes: { add: 0, change: 0, remove: 0 }, diagnostics: [] }
  const running = new Map<string, Running>()
  /** Resources that will change, until they have. */
  const planned = new Set<string>()
  let total = 0
  const whole = steps.begin(`stack ${stack}`, { stack, name: 'whole' })
  const nameOf = (event: TerraformEvent) => shortName(event.hook?.resource?.addr ?? '')
  const showWhole = () => {
    whole.note(`${total - planned.size} of ${total}`)
    steps.waiting(
      describeWaiting(
        stack,
        [...planned].filter((name) => !running.has(name)),
        planned,
        needsOf,
      ),
    )
  }
  /** What was a service's resource before is let go without a word: on the nodes nothing is removed. */
  const isSilent = (event: TerraformEvent) => stack === 'services' && event.hook?.action === 'delete'
  const finish = (event: TerraformEvent, result: 'done' | 'failed' | 'stopped') => {
    const name = nameOf(event)
    const action = event.hook?.action ?? ''
    const word = result === 'done' ? (verbs[action] ?? 'done') : result
    running.get(name)?.end(result, `${stack}: ${name} ${word}`)
    running.delete(name)
    // A replacement is a removal first: the resource is done once it is made again.
    if (result === 'done' && (action !== 'delete' || !replaced.has(name))) planned.delete(name)
    showWhole()
  }
  const replaced = new Set<string>()
  const handlers: Record<string, (event: TerraformEvent) => void> = {
    planned_change({ change }) {
      if (!change || change.action === 'noop' || change.action === 'read') return
      const name = shortName(change.resource.addr)
      planned.add(name)
      if (change.action === 'replace') replaced.add(name)
      total = planned.size
    },
    apply_start(event) {
      if (isSilent(event)) return
      const name = nameOf(event)
      running.set(name, steps.begin(`${stack}: ${name}`, { stack, name }))
      showWhole()
    },
    provision_progress(event) {
      const line = event.hook?.output ?? ''
      if (!isOurs(line)) return
      running.get(nameOf(event))?.note(line.replace(/^\s*[…+✓~]\s*/, ''))
      if (isVerbose() && line.trim() && !isPassing(line)) steps.line(`    ${nameOf(event)} ${line.trim()}`)
    },
    apply_complete: (event) => finish(event, 'done'),
    apply_errored: (event) => finish(event, isStopping() ? 'stopped' : 'failed'),
    change_summary(event) {
      if (event.changes && event.changes.operation !== 'plan') outcome.changes = event.changes
    },
    diagnostic({ diagnostic }) {
      if (diagnostic?.severity !== 'error') return
      outcome.diagnostics.push(describeDiagnostic(diagnostic))
    },
  }
  whole.note('reading what is there')
  return {
    take: (event) => handlers[event.type]?.(event),
    end(stopped = false) {
      const failed = outcome.diagnostics.length > 0
      for (const step of running.values()) step.end('stopped')
      steps.waiting([])
      const result = stopped ? 'stopped' : failed ? 'failed' : 'done'
      const done = `${total - planned.size} of ${total} done`
      whole.end(result, `${stack}: ${result === 'done' ? describeChanges(outcome.changes) : done}`)
      return outcome
    },
  }
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

function describeChanges({ add, change, remove }: StackOutcome['changes']): string {
  return add + change + remove === 0 ? 'nothing changed' : `${add} added, ${change} changed, ${remove} destroyed`
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

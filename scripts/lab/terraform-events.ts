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

/** What a provisioner prints while it works; `…` begins what is being done now, `+` a command in a verbose run. */
const isPassing = (line: string) => /^\s*(…|Executing: )/.test(line)

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
    const waiting = [...planned].filter((name) => !running.has(name))
    whole.note(`${total - planned.size} of ${total}${describeWaiting(waiting, planned, needsOf)}`)
  }
  const finish = (event: TerraformEvent, result: 'done' | 'failed' | 'stopped') => {
    const name = nameOf(event)
    const action = event.hook?.action ?? ''
    const word = result === 'done' ? (verbs[action] ?? 'done') : result
    running.get(name)?.end(result, `${stack}: ${name} ${word}`)
    running.delete(name)
    // A replacement is a removal first: the resource is done once it is made again.
    if (action !== 'delete' || !replaced.has(name)) planned.delete(name)
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
      const name = nameOf(event)
      running.set(name, steps.begin(`${stack}: ${name}`, { stack, name }))
      showWhole()
    },
    provision_progress(event) {
      const line = event.hook?.output ?? ''
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
      outcome.diagnostics.push([diagnostic.address, diagnostic.summary, diagnostic.detail].filter(Boolean).join(': '))
    },
  }
  whole.note('reading what is there')
  return {
    take: (event) => handlers[event.type]?.(event),
    end(stopped = false) {
      const failed = outcome.diagnostics.length > 0
      for (const step of running.values()) step.end('stopped')
      whole.end(stopped ? 'stopped' : failed ? 'failed' : 'done', `${stack}: ${describeChanges(outcome.changes)}`)
      return outcome
    },
  }
}

function describeChanges({ add, change, remove }: StackOutcome['changes']): string {
  return add + change + remove === 0 ? 'nothing changed' : `${add} added, ${change} changed, ${remove} destroyed`
}

/** ` · nova waits for glance, placement`: the next ones only, as there is one line for it. */
function describeWaiting(
  waiting: readonly string[],
  planned: ReadonlySet<string>,
  needsOf: StackView['needsOf'],
): string {
  const texts = waiting.flatMap((name) => {
    const open = needsOf(name).filter((need) => planned.has(need))
    return open.length > 0 ? [`${name} waits for ${open.join(', ')}`] : []
  })
  return texts.length > 0 ? ` · ${texts.join(' · ')}` : ''
}

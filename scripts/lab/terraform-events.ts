/** Terraform's JSON events, told as ticked lines: one for each resource that changed, and what is being waited for. */

export interface TerraformEvent {
  type: string
  '@message': string
  '@level': string
  hook?: { resource?: { addr: string }; action?: string; elapsed_seconds?: number; output?: string }
  changes?: { add: number; change: number; remove: number; operation: string }
  diagnostic?: { severity: string; summary: string; detail?: string; address?: string }
}

export interface StackOutcome {
  changes: { add: number; change: number; remove: number }
  diagnostics: string[]
}

export interface StackEvents {
  take(event: TerraformEvent): void
  end(): StackOutcome
}

/** `terraform_data.glance` -> `glance`; other resources keep their type, which tells what they are. */
const shortName = (address: string) => address.replace(/^terraform_data\./, '')

const verbs: Record<string, string> = { create: 'made', update: 'changed', delete: 'removed', read: 'read' }

export function showEvents(stack: string, stream: NodeJS.WriteStream = process.stderr): StackEvents {
  const running = new Map<string, number>()
  const outcome: StackOutcome = { changes: { add: 0, change: 0, remove: 0 }, diagnostics: [] }
  const colours = Boolean(stream.isTTY) && !process.env['NO_COLOR']
  const paint = (code: number, text: string) => (colours ? `\u001b[${code}m${text}\u001b[0m` : text)
  const clear = () => stream.isTTY && stream.write('\r\u001b[K')
  const settle = (text: string) => {
    clear()
    stream.write(`${text}\n`)
  }
  const showRunning = (detail = '') => {
    if (!stream.isTTY || running.size === 0) return
    const list = [...running]
      .map(([name, since]) => `${name} ${Math.round((performance.now() - since) / 1000)} s`)
      .join(', ')
    const text = `  … ${stack}: ${list}${detail ? ` · ${detail}` : ''}`
    stream.write(`\r\u001b[K${text.slice(0, Math.max(20, stream.columns ?? 80) - 1)}`)
  }
  const finish = (event: TerraformEvent, mark: string, word: string) => {
    const name = shortName(event.hook?.resource?.addr ?? '')
    const since = running.get(name)
    running.delete(name)
    const elapsed = since === undefined ? '' : paint(2, ` (${((performance.now() - since) / 1000).toFixed(1)} s)`)
    settle(`  ${mark} ${stack}: ${name} ${word}${elapsed}`)
    showRunning()
  }
  const handlers: Record<string, (event: TerraformEvent) => void> = {
    apply_start(event) {
      running.set(shortName(event.hook?.resource?.addr ?? ''), performance.now())
      showRunning()
    },
    apply_progress: () => showRunning(),
    provision_progress: (event) => showRunning(event.hook?.output?.trim()),
    apply_complete: (event) => finish(event, paint(32, '✓'), verbs[event.hook?.action ?? ''] ?? 'done'),
    apply_errored: (event) => finish(event, paint(31, '✗'), 'failed'),
    change_summary(event) {
      if (event.changes && event.changes.operation !== 'plan') outcome.changes = event.changes
    },
    diagnostic({ diagnostic }) {
      if (diagnostic?.severity !== 'error') return
      outcome.diagnostics.push([diagnostic.address, diagnostic.summary, diagnostic.detail].filter(Boolean).join(': '))
    },
  }
  return {
    take: (event) => handlers[event.type]?.(event),
    end() {
      clear()
      return outcome
    },
  }
}

/** Records which machine, what was done on it, how long it took and with what result: one table at the end. */

import { showDuration } from '../../scripts/terminal/amounts.ts'
import { type Ending, keepEnding, showTable } from '../harness/ledger.ts'
import type { Row } from './row.ts'

const entries: (Ending & { row: Row })[] = []
const machines = { A: 'systemd in namespaces', B: 'VM, stock kernel, emulated', C: 'VM with emulated SVM' } as const
const systems = { bookworm: 'Debian 12', trixie: 'Debian 13' } as const

export const recorded = (row: Row, work: () => Promise<string>): Promise<void> =>
  keepEnding(row.name, work, (ending) => entries.push({ row, ...ending }))

export function showLedger(): string {
  const rows = entries.map(({ row, milliseconds, outcome, ok }) => {
    const machine = `${row.machine}: ${systems[row.suite]}, ${machines[row.machine]}`
    const cells = [row.name, machine, row.user, row.isolation, row.kind, row.what, showDuration(milliseconds)]
    return [...cells, `${ok ? '' : 'FAILED: '}${outcome}`]
  })
  return showTable(['case', 'machine', 'user', 'isolation', 'kind', 'what was done', 'time', 'result'], rows)
}

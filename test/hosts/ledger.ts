/** Which machine, what was done on it, how long it took and what came of it: one table at the end. */

import type { Row } from './row.ts'

interface Entry {
  row: Row
  seconds: number
  outcome: string
  ok: boolean
}

const entries: Entry[] = []
const machines = { A: 'systemd in namespaces', B: 'VM, stock kernel, emulated', C: 'VM with emulated SVM' } as const
const systems = { bookworm: 'Debian 12', trixie: 'Debian 13' } as const

/** Runs a case and records how it ended. Throws what it throws. */
export async function recorded(row: Row, work: () => Promise<string>): Promise<void> {
  const start = performance.now()
  const record = (ok: boolean, outcome: string) => {
    entries.push({ row, ok, outcome, seconds: (performance.now() - start) / 1000 })
    console.error(`hosts: ${ok ? '✓' : '✗'} ${row.name}: ${outcome}`)
  }
  try {
    record(true, await work())
  } catch (error) {
    record(false, (error as Error).message.split('\n').slice(0, 3).join(' ').slice(0, 300))
    throw error
  }
}

export function showLedger(): string {
  const lines = entries.map(({ row, seconds, outcome, ok }) => {
    const machine = `${row.machine}: ${systems[row.suite]}, ${machines[row.machine]}`
    const cells = [row.name, machine, row.user, row.isolation, row.kind, row.what, showDuration(seconds)]
    return `| ${[...cells, `${ok ? '' : 'FAILED: '}${outcome}`].map((cell) => cell.replaceAll('|', '\\|')).join(' | ')} |`
  })
  return [
    '| case | machine | user | isolation | kind | what was done | time | result |',
    '| --- | --- | --- | --- | --- | --- | --- | --- |',
    ...lines,
  ].join('\n')
}

/** `2 min 3 s` */
export function showDuration(seconds: number): string {
  const whole = Math.round(seconds)
  return whole < 60 ? `${whole} s` : `${Math.floor(whole / 60)} min ${whole % 60} s`
}

export const tail = (text: unknown, lines = 25): string => String(text).split('\n').slice(-lines).join('\n')

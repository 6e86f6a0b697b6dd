/** What was done, how often, and what came of it: one table at the end, as it stands in docs/dev/trust.md. */

export interface Entry {
  part: string
  /** `SIGKILL to up` */
  what: string
  /** `at "services: nova", then up: 52 s` */
  outcome: string
  ok: boolean
}

const entries: Entry[] = []

export function record(entry: Entry): void {
  entries.push(entry)
  console.error(`faults: ${entry.ok ? '✓' : '✗'} ${entry.part}: ${entry.what}: ${entry.outcome}`)
}

/** Runs one check and records how it ended. Throws what it throws. */
export async function recorded(part: string, what: string, work: () => Promise<string>): Promise<void> {
  try {
    record({ part, what, outcome: await work(), ok: true })
  } catch (error) {
    const [line = ''] = String((error as Error).message).split('\n')
    record({ part, what, outcome: line.slice(0, 200), ok: false })
    throw error
  }
}

/** Same part and same doing in one row. */
export function showLedger(rows: readonly Entry[] = entries): string {
  const groups = new Map<string, Entry[]>()
  for (const row of rows) {
    const key = `${row.part}\t${row.what}`
    groups.set(key, [...(groups.get(key) ?? []), row])
  }
  const lines = [...groups.values()].map((group) => {
    const { part, what } = group[0]!
    const right = group.filter(({ ok }) => ok).length
    const outcomes = [...new Set(group.map(({ outcome, ok }) => (ok ? outcome : `FAILED: ${outcome}`)))]
    return `| ${part} | ${what} | ${group.length} | ${right} | ${outcomes.join('; ')} |`
  })
  return [
    '| part | what was done | how often | right | what came of it |',
    '| --- | --- | --- | --- | --- |',
    ...lines,
  ].join('\n')
}

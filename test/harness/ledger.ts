/** Records what was done, how often, and the result: one line each as it ends, and one table at the end for docs/. */

export interface Ending {
  /** `nothing left, exit 0`; for a failure, its first line. */
  outcome: string
  ok: boolean
  milliseconds: number
}

/** Runs one check, prints how it ended and passes that to `keep`. Throws what it throws. */
export async function keepEnding(
  name: string,
  work: () => Promise<string>,
  keep: (ending: Ending) => void,
): Promise<void> {
  const start = performance.now()
  const end = (ok: boolean, outcome: string) => {
    keep({ ok, outcome, milliseconds: performance.now() - start })
    say(name, ok, outcome)
  }
  try {
    end(true, await work())
  } catch (error) {
    end(false, (error as Error).message.split('\n').slice(0, 3).join(' ').slice(0, 300))
    throw error
  }
}

const say = (name: string, ok: boolean, outcome: string) => console.error(`${ok ? '✓' : '✗'} ${name}: ${outcome}`)

/** As Markdown, with the cells escaped. */
export function showTable(head: readonly string[], rows: readonly (readonly string[])[]): string {
  return [head, head.map(() => '---'), ...rows]
    .map((cells) => `| ${cells.map((cell) => cell.replaceAll('|', '\\|')).join(' | ')} |`)
    .join('\n')
}

interface Entry extends Pick<Ending, 'outcome' | 'ok'> {
  part: string
  /** `SIGKILL to up` */
  what: string
}

const entries: Entry[] = []

export function record(entry: Entry): void {
  entries.push(entry)
  say(`${entry.part}: ${entry.what}`, entry.ok, entry.outcome)
}

/** One check of a part of the suite. */
export const recorded = (part: string, what: string, work: () => Promise<string>): Promise<void> =>
  keepEnding(`${part}: ${what}`, work, ({ ok, outcome }) => entries.push({ part, what, ok, outcome }))

/** Same part and same action in one row. */
export function showLedger(): string {
  const groups = new Map<string, Entry[]>()
  for (const entry of entries) {
    const key = `${entry.part}\t${entry.what}`
    groups.set(key, [...(groups.get(key) ?? []), entry])
  }
  const rows = [...groups.values()].map((group) => {
    const { part, what } = group[0]!
    const right = group.filter(({ ok }) => ok).length
    const outcomes = new Set(group.map(({ outcome, ok }) => (ok ? outcome : `FAILED: ${outcome}`)))
    return [part, what, String(group.length), String(right), [...outcomes].join('; ')]
  })
  return showTable(['part', 'what was done', 'runs', 'passed', 'result'], rows)
}

/** A log line as a person reads it: time, node, log, level where it matters, text. */

import type { Level } from './levels.ts'
import type { LogLine } from './line.ts'

const codes = { red: 31, green: 32, yellow: 33, blue: 34, magenta: 35, cyan: 36, dim: 2, bold: 1 } as const
type Colour = keyof typeof codes

/** One for each node, in the inventory's order; none of them is a level's. */
const nodeColours: readonly Colour[] = ['cyan', 'magenta', 'blue', 'green']
const levelColours: Readonly<Partial<Record<Level, Colour>>> = {
  CRITICAL: 'red',
  ERROR: 'red',
  WARNING: 'yellow',
  DEBUG: 'dim',
}

export interface LineStyle {
  colours: boolean
  /** In the inventory's order. */
  nodes: readonly string[]
  /** Part of a line to be seen at once: the request that was asked for. */
  mark?: string
}

/** `06:30:15.123`; the day is said by a line of its own. */
export function showLine({ at, node, from, level, text }: LogLine, { colours, nodes, mark }: LineStyle): string {
  const paint = (colour: Colour | undefined, part: string) =>
    colours && colour && part ? `\u001b[${codes[colour]}m${part}\u001b[0m` : part
  const time = new Date(at).toISOString().slice(11, 23)
  const width = Math.max(...nodes.map(({ length }) => length))
  const nodeColour = nodeColours[nodes.indexOf(node) % nodeColours.length]
  const head = `${paint('dim', time)} ${paint(nodeColour, node.padEnd(width))} ${paint(nodeColour, from)}`
  const word = level === 'INFO' ? '' : `${paint(levelColours[level], level)} `
  const body = mark && colours ? text.replaceAll(mark, paint('bold', mark)) : text
  return `${head} ${word}${body}`
}

/** The lines with a line for each new day before its first, where they are of more than one. */
export function* withDays(lines: Iterable<LogLine>, show: (line: LogLine) => string, today = ''): Generator<string> {
  let day = today
  for (const line of lines) {
    const own = new Date(line.at).toISOString().slice(0, 10)
    if (own !== day) yield `--- ${own} (UTC)`
    day = own
    yield show(line)
  }
}

/** Formats a log line for a person: time, node, log, level if it matters, text. */

import { type Colour, paint } from '../../terminal/colour.ts'
import { visible, visibleLines } from '../../terminal/visible.ts'
import type { Level } from './levels.ts'
import type { LogLine } from './line.ts'

/** One per node, in the inventory's order; none of them is used for a level. */
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
  /** Part of a line to highlight: the requested id. */
  mark?: string
}

/** `06:30:15.123`; the day is on a separate line. Each line of a message in the journal begins like this. */
export function showLine({ at, node, from, level, text }: LogLine, { colours, nodes, mark }: LineStyle): string {
  const dye = (colour: Colour | undefined, part: string) => paint(colour, part, { colours })
  const time = new Date(at).toISOString().slice(11, 23)
  const width = Math.max(...nodes.map(({ length }) => length))
  const nodeColour = nodeColours[nodes.indexOf(node) % nodeColours.length]
  const head = `${dye('dim', time)} ${dye(nodeColour, node.padEnd(width))} ${dye(nodeColour, visible(from))}`
  const word = level === 'INFO' ? '' : `${dye(levelColours[level], level)} `
  const body = visibleLines(text)
  const marked = mark ? body.replaceAll(visible(mark), (found) => dye('bold', found)) : body
  return marked
    .split('\n')
    .map((line) => `${head} ${word}${line}`)
    .join('\n')
}

/** The lines; if they span several days, with a line before the first of each day. */
export function* withDays(lines: Iterable<LogLine>, show: (line: LogLine) => string, today = ''): Generator<string> {
  let day = today
  for (const line of lines) {
    const own = new Date(line.at).toISOString().slice(0, 10)
    if (own !== day) yield `--- ${own} (UTC)`
    day = own
    yield show(line)
  }
}

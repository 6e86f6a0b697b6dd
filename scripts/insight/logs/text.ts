/** Formats a log line for a person: time, node, log, level if it matters, text. */

import { type Colour, paint } from '../../terminal/colour.ts'
import { visible, visibleLines } from '../../terminal/visible.ts'
import type { Level } from './levels.ts'
import type { LogLine } from './line.ts'

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

/** `06:30:15.123`; the day is said by a line of its own. Each line of a message of the journal has this head. */
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

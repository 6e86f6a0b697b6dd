/** The newest lines of all logs and recorders, by node and file: what a launch is read from while it happens. */

import type { RecordedFile } from '../trace/evidence.ts'
import type { Added } from './watch-node.ts'

interface Piece extends Added {
  node: string
  /** Milliseconds since 1970: when they came here. */
  came: number
}

export interface RecordedLines {
  add(node: string, added: Added): void
  /** Forgets what came before this time. */
  forget(before: number): void
  /** Everything that came since then. */
  since(time: number): RecordedFile[]
}

/** Which process opened which connection: also those from before a launch have messages of it. */
const isLasting = ({ file }: Added) => file.endsWith('/sockets.log')

export function recordLines(now: () => number = Date.now): RecordedLines {
  let pieces: Piece[] = []
  return {
    add: (node, added) => void pieces.push({ node, came: now(), ...added }),
    forget(before) {
      pieces = pieces.filter((piece) => piece.came >= before || isLasting(piece))
    },
    since: (time) => joined(pieces.filter((piece) => piece.came >= time || isLasting(piece))),
  }
}

/** Pieces of one file follow each other without a gap, except where it was rotated. */
function joined(pieces: readonly Piece[]): RecordedFile[] {
  const files = new Map<string, { node: string; file: string; first: number; numbers: number[]; lines: string[] }>()
  for (const { node, file, first, lines } of pieces) {
    const key = `${node} ${file}`
    const known = files.get(key) ?? { node, file, first, numbers: [], lines: [] }
    known.lines.push(...lines)
    known.numbers.push(...lines.map((_, index) => first + index))
    files.set(key, known)
  }
  return [...files.values()]
}

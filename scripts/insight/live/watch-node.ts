/** The watcher on one node: started over ssh, and ended with it. */

import { readFileSync } from 'node:fs'
import type { Lab, LabNode } from '../../declaration/lab.ts'
import { type NodeStream, streamFrom } from '../../run/node-stream.ts'
import { shellQuote } from '../../terminal/shell-quote.ts'
import { logsOfLaunch, recordingFolder } from '../trace/recorder.ts'
import { readDocuments } from './protocol.ts'
import type { Reading } from './rates.ts'

/** Lines that were added to a file or a journal. */
export interface Added {
  file: string
  first: number
  lines: string[]
}

/** `recording`: the beginning of the ids of the recordings that are followed. */
export function watchNode(
  lab: Lab,
  node: LabNode,
  recording: string,
  take: (document: Added | Reading) => void,
): NodeStream {
  const program = readFileSync(new URL('node/watch.py', import.meta.url), 'utf8')
  const words = [program, JSON.stringify(logsOfLaunch), `${recordingFolder(`${recording}*`)}/*.log`]
  return streamFrom(lab, node, `exec python3 -c ${words.map(shellQuote).join(' ')}`, (lines) =>
    readDocuments(lines, take),
  )
}

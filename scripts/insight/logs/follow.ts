/** Follows the logs of all nodes as they are written, merged by time as far as a short wait allows. */

import type { Lab, LabNode } from '../../declaration/lab.ts'
import { streamFrom } from '../../run/node-stream.ts'
import { shellQuote } from '../../terminal/shell-quote.ts'
import { collectScript } from './collect-script.ts'
import type { LogLine } from './line.ts'
import { inOrder, isWanted, type LogQuery, lineReader } from './read.ts'
import { sourcesOf } from './sources.ts'

/** How long a line waits for an older one of another log. */
const holdMilliseconds = 400

/** Calls `show` with lines in order until `stopped` is settled. Throws ConnectError if a node is lost. */
export async function followLogs(
  lab: Lab,
  query: LogQuery,
  show: (lines: readonly LogLine[]) => void,
  stopped: Promise<unknown>,
): Promise<void> {
  let held: LogLine[] = []
  const flush = () => {
    if (held.length) show(inOrder(held))
    held = []
  }
  const timer = setInterval(flush, holdMilliseconds)
  const children = query.nodes.map((node) => startFollowing(lab, node, query, (line) => held.push(line)))
  try {
    await Promise.race([stopped, ...children.map(({ ended }) => ended)])
  } finally {
    clearInterval(timer)
    flush()
    for (const { end } of children) end()
    await Promise.allSettled(children.map(({ ended }) => ended))
  }
}

function startFollowing(lab: Lab, node: LabNode, query: LogQuery, add: (line: LogLine) => void) {
  const sources = sourcesOf(lab, node, query.services)
  const script = collectScript({
    files: sources.files,
    follow: true,
    ...(query.since === undefined ? {} : { since: query.since }),
  })
  const take = lineReader(node.name, sources)
  const wanted = isWanted(query)
  // When the stream's stdin closes, the node ends what it started.
  const remote = `exec 3<&0 </dev/null; { cat <&3 >/dev/null; kill 0; } & set +e\n${script}`
  return streamFrom(lab, node, `bash -c ${shellQuote(remote)}`, async (lines) => {
    for await (const raw of lines) {
      const line = take(String(raw))
      if (line && wanted(line)) add(line)
    }
  })
}

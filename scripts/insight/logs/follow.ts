/** Follows the logs of all nodes as they are written, merged by time as far as a short wait allows. */

import { join } from 'node:path'
import { execa } from 'execa'
import { ConnectError } from '../../declaration/errors.ts'
import type { Lab, LabNode } from '../../declaration/lab.ts'
import { checkRoute } from '../../run/ssh.ts'
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
  // The open stdin shows that we are alive: when it closes, however we end, the node ends what it started.
  const remote = `bash -c ${shellQuote(`exec 3<&0 </dev/null; { cat <&3 >/dev/null; kill 0; } & set +e\n${script}`)}`
  const child = execa('ssh', ['-F', join(lab.paths.ssh, 'ssh_config'), '-o', 'ControlPath=none', node.name, remote], {
    stdin: 'pipe',
    reject: false,
    buffer: { stdout: false },
  })
  const take = lineReader(node.name, sources)
  const wanted = isWanted(query)
  const reading = (async () => {
    await checkRoute(lab, node)
    for await (const raw of child.iterable()) {
      const line = take(String(raw))
      if (line && wanted(line)) add(line)
    }
  })()
  let meant = false
  const ended = Promise.all([child, reading]).then(([{ stderr }]) => {
    if (!meant)
      throw new ConnectError(
        node.name,
        stderr?.trim().split('\n').at(-1) || 'the connection ended',
        `./lab ssh ${node.name}`,
      )
  })
  const end = () => {
    meant = true
    child.stdin.end()
    child.kill()
  }
  return { ended, end }
}

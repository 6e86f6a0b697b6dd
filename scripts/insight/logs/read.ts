/** Reads the logs of all nodes and merges them by time. */

import type { Lab, LabNode } from '../../declaration/lab.ts'
import type { ServiceName } from '../../declaration/service-profiles.ts'
import { sshHost } from '../../run/ssh.ts'
import { scaled, timeouts } from '../../run/timeouts.ts'
import { collectScript } from './collect-script.ts'
import type { Level } from './levels.ts'
import { FileReader, isAtLeast, type LogLine, readJournal } from './line.ts'
import { type Sources, shortName, sourcesOf } from './sources.ts'

export interface LogQuery {
  nodes: readonly LabNode[]
  /** None: all except the nodes' own messages. */
  services: readonly ServiceName[]
  /** Milliseconds since 1970; absent: everything. */
  since?: number
  /** This level or a worse one. */
  level?: Level
  /** A request's id, or its beginning. */
  request?: string
}

/** What the lines of one node become, as they arrive. */
export function lineReader(node: string, sources: Sources): (raw: string) => LogLine | undefined {
  const readers = new Map<string, FileReader>()
  return (raw) => {
    if (raw.startsWith('J ')) {
      const entry = readJournal(raw.slice(2))
      if (!entry) return undefined
      const { unit, ...line } = entry
      return sources.units.has(unit) || (sources.system && !sources.known.has(unit)) ? { node, ...line } : undefined
    }
    const [, path = '', text = ''] = /^F (\S+) (.*)$/s.exec(raw) ?? []
    if (!path) return undefined
    const reader = readers.get(path) ?? new FileReader(node, shortName(path))
    readers.set(path, reader)
    return reader.take(text)
  }
}

/** Selects lines by time, level and request. */
export function isWanted({ since, level, request }: LogQuery): (line: LogLine) => boolean {
  return (line) =>
    (since === undefined || line.at >= since) &&
    (level === undefined || isAtLeast(line, level)) &&
    (request === undefined || line.text.includes(request))
}

/** By time; lines with the same time stay in the order of their log. */
export const inOrder = (lines: readonly LogLine[]) => lines.toSorted((one, other) => one.at - other.at)

/** Throws ConnectError if a node does not answer: incomplete logs would look complete. */
export async function readLogs(lab: Lab, query: LogQuery): Promise<LogLine[]> {
  const lists = await Promise.all(query.nodes.map((node) => readNode(lab, node, query)))
  return inOrder(lists.flat())
}

async function readNode(lab: Lab, node: LabNode, query: LogQuery): Promise<LogLine[]> {
  const sources = sourcesOf(lab, node, query.services)
  const script = collectScript({
    files: sources.files,
    follow: false,
    ...(query.since === undefined ? {} : { since: query.since }),
  })
  const output = await sshHost(lab, node).run(`set +eu +o pipefail\n${script}`, {
    step: `read the logs of ${node.name}`,
    timeoutSeconds: scaled(lab, timeouts.nodes.work),
  })
  const take = lineReader(node.name, sources)
  const wanted = isWanted(query)
  return output.split('\n').flatMap((raw) => {
    const line = take(raw)
    return line && wanted(line) ? [line] : []
  })
}

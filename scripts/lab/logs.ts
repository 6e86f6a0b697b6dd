/** `./lab logs`: the services' logs of all nodes, merged by time; `export` packs them for a bug report. */

import { defineCommand } from 'citty'
import { UsageError } from '../declaration/errors.ts'
import type { Lab, LabNode } from '../declaration/lab.ts'
import { nearestTo } from '../declaration/nearest.ts'
import type { ServiceName } from '../declaration/service-profiles.ts'
import { diagnose } from '../health/doctor/diagnose.ts'
import { showDiagnosis } from '../health/doctor/text.ts'
import { readStatus } from '../health/status/status.ts'
import { exportLogs } from '../insight/logs/export.ts'
import { followLogs } from '../insight/logs/follow.ts'
import { type Level, levels } from '../insight/logs/levels.ts'
import type { LogLine } from '../insight/logs/line.ts'
import { type LogQuery, readLogs } from '../insight/logs/read.ts'
import { parseSince } from '../insight/logs/since.ts'
import { showLine, withDays } from '../insight/logs/text.ts'
import { readVersions } from '../insight/versions.ts'
import { disconnect } from '../run/ssh.ts'
import { untilEnded } from '../run/until-ended.ts'
import { print, tell } from '../terminal/print.ts'
import { hasColours } from '../terminal/screen.ts'
import { checkout } from './checkout.ts'
import { printDocument } from './documents/document.ts'
import { logLineDocument } from './documents/others.ts'
import { packArchive } from './pack-archive.ts'
import { loadRunningLab } from './running-lab.ts'

/** Without --since: enough to see what has just happened. A request's id says itself when it was. */
const defaultMinutes = { read: 15, follow: 1 }

function nodesOf(lab: Lab, name: string | undefined): readonly LabNode[] {
  if (name === undefined) return lab.nodes
  const found = lab.nodes.filter((node) => node.name === name)
  if (found.length > 0) return found
  const names = lab.nodes.map((node) => node.name)
  const near = nearestTo(name, names)
  throw new UsageError([
    {
      where: './lab logs --node',
      given: `no node ${JSON.stringify(name)}`,
      allowed: names.join(', '),
      ...(near ? { remedy: `did you mean ${near}?` } : {}),
    },
  ])
}

interface Arguments {
  node?: string | undefined
  since?: string | undefined
  level?: string | undefined
  request?: string | undefined
  follow: boolean
}

function queryOf(
  lab: Lab,
  services: readonly ServiceName[],
  { node, since, level, request, follow }: Arguments,
): LogQuery {
  const minutes = follow ? defaultMinutes.follow : defaultMinutes.read
  const from = since ? parseSince(since) : request && !follow ? undefined : Date.now() - minutes * 60_000
  return {
    nodes: nodesOf(lab, node),
    services,
    ...(from === undefined ? {} : { since: from }),
    ...(level ? { level: level as Level } : {}),
    ...(request ? { request } : {}),
  }
}

const today = () => new Date().toISOString().slice(0, 10)

function printDocuments(lines: readonly LogLine[]): void {
  for (const { at, ...line } of lines)
    printDocument(logLineDocument, { at: new Date(at).toISOString(), ...line }, { line: true })
}

function linePrinter(lab: Lab, query: LogQuery): (lines: readonly LogLine[]) => void {
  const colours = hasColours(process.stdout)
  const style = { colours, nodes: lab.nodes.map(({ name }) => name), ...(query.request ? { mark: query.request } : {}) }
  let day = today()
  return (lines) => {
    for (const text of withDays(lines, (line) => showLine(line, style), day)) print(text)
    const last = lines.at(-1)
    if (last) day = new Date(last.at).toISOString().slice(0, 10)
  }
}

async function showLogs(lab: Lab, query: LogQuery, { follow = false, json = false }): Promise<void> {
  const show = json ? printDocuments : linePrinter(lab, query)
  if (follow) return followLogs(lab, query, show, untilEnded())
  const lines = await readLogs(lab, query)
  show(lines)
  if (lines.length > 0) return
  const since =
    query.since === undefined ? '' : ` since ${new Date(query.since).toISOString().slice(0, 16).replace('T', ' ')} UTC`
  tell(`logs: no matching lines${since}; look further back with --since 2h`)
}

const pack = (lab: Lab, output: string | undefined): Promise<void> =>
  packArchive(lab, 'logs', output, async (write) => {
    const [versions, status, diagnosis] = await Promise.all([readVersions(checkout), readStatus(lab), diagnose(lab)])
    const json = (value: unknown) => `${JSON.stringify(value, null, 2)}\n`
    const documents = {
      'version.json': json(versions),
      'status.json': json(status),
      'doctor.txt': `${showDiagnosis(diagnosis)}\n`,
    }
    await exportLogs(lab, { write, documents })
  })

export default defineCommand({
  meta: {
    name: 'logs',
    description:
      "Shows the logs of all nodes merged by time, in UTC: the log files of the services, uWSGI, Apache and QEMU, and the journal of their units. `base` is the nodes' own journal. `export` packs all of it, with configuration and facts, into one archive; secrets are masked.",
  },
  args: {
    service: {
      type: 'positional',
      required: false,
      description: 'services to show, or `export`; default: all but base',
    },
    node: { type: 'string', valueHint: 'node', description: 'only this node' },
    since: {
      type: 'string',
      valueHint: 'time',
      description: 'how long ago (10m, 2h, 1d) or a time (2026-11-24T06:30); default 15m',
    },
    follow: { type: 'boolean', description: 'keep showing new lines until Ctrl-C' },
    request: {
      type: 'string',
      valueHint: 'id',
      description: 'only lines of this request (req-…), without a time limit',
    },
    level: { type: 'enum', options: [...levels], description: 'this level or more severe' },
    json: { type: 'boolean', description: `one JSON document on each line of stdout; schema: docs/reference/json` },
    output: { type: 'string', valueHint: 'file', description: 'for export: where to write the archive' },
  },
  async run({ args }) {
    const lab = loadRunningLab(checkout)
    const words = args._ as string[]
    try {
      if (words.includes('export')) return await pack(lab, args.output)
      const query = queryOf(lab, words as ServiceName[], { ...args, follow: args.follow ?? false })
      await showLogs(lab, query, args)
    } finally {
      disconnect()
    }
  },
})

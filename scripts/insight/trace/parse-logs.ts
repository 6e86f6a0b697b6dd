/** Turns the services' logs, dnsmasq's journal, QEMU's log and interface changes into observations. */

import { anyColour } from '../../terminal/colour.ts'
import type { Evidence, LinkChange, LogLine, Observation, RecordedFile, Row } from './evidence.ts'

const evidenceOf = (file: RecordedFile, index: number): Evidence => ({
  node: file.node,
  file: file.file,
  line: file.numbers?.[index] ?? file.first + index,
  text: withoutColour(file.lines[index] ?? ''),
})

/** uWSGI passes on oslo.log's terminal colours. */
const withoutColour = (line: string) => line.replaceAll(anyColour, '')

/** `/var/log/nova/nova-compute.log` -> `nova-compute`. */
const unitOf = (file: string) =>
  file
    .split('/')
    .at(-1)
    ?.replace(/\.log$/, '') ?? file

const oslo = /^(\d{4}-\d\d-\d\d) (\d\d:\d\d:\d\d\.\d{3}) \d+ ([A-Z]+) (\S+) \[([^\]]*)\] (.*)$/
const requestId = /req-[0-9a-f-]{36}/g

/** Nodes use UTC. Lines in another format (tracebacks, uWSGI's own, with times in whole seconds) are skipped. */
function parseOslo(file: RecordedFile): LogLine[] {
  const unit = unitOf(file.file)
  return file.lines.flatMap((line, index): LogLine[] => {
    const [, day, time, level = '', logger = '', context = '', message = ''] = oslo.exec(withoutColour(line)) ?? []
    if (!day) return []
    return [
      {
        kind: 'log',
        at: Date.parse(`${day}T${time}Z`),
        by: { unit, node: file.node },
        level,
        message: `${logger}: ${message}`,
        requestIds: context.match(requestId) ?? [],
        evidence: evidenceOf(file, index),
      },
    ]
  })
}

const other = (file: RecordedFile, index: number, at: number, unit: string, message: string): LogLine => ({
  kind: 'log',
  at,
  by: { unit, node: file.node },
  level: 'INFO',
  message,
  requestIds: [],
  evidence: evidenceOf(file, index),
})

/** haproxy writes a line when it has answered; in it stands when it took the request: `[29/Nov/2026:12:01:34.217]`. */
function acceptedAt(message: string): number | undefined {
  const [, day, month, year, time] = /\[(\d\d)\/(\w{3})\/(\d{4}):([\d:.]+)\]/.exec(message) ?? []
  return day ? Date.parse(`${day} ${month} ${year} ${time} GMT`) : undefined
}

/** `1795501311.690942 controller dnsmasq-dhcp[5418]: read …/host` */
function parseJournal(file: RecordedFile): LogLine[] {
  return file.lines.flatMap((line, index) => {
    const [, seconds, unit = '', message = ''] =
      /^(\d+\.\d+) \S+ (dnsmasq|haproxy)(?:-[\w-]+)?\[\d+\]: (.*)$/.exec(line) ?? []
    return seconds ? [other(file, index, acceptedAt(message) ?? Number(seconds) * 1000, unit, message)] : []
  })
}

/** `2026-11-24 06:22:10.941+0000: starting up libvirt version: 9.0.0, …` */
function parseQemu(file: RecordedFile): LogLine[] {
  return file.lines.flatMap((line, index) => {
    const [, day, time, message = ''] = /^(\d{4}-\d\d-\d\d) ([\d:.]+)\+0000: (.*)$/.exec(line) ?? []
    return day ? [other(file, index, Date.parse(`${day}T${time}Z`), 'libvirtd', message)] : []
  })
}

/** `[2026-11-24T06:22:10.936704] 7: tap13e13de0-3d: <BROADCAST> … master brq2a760dd9-8f …` */
function parseLinks(file: RecordedFile): LinkChange[] {
  return file.lines.flatMap((line, index): LinkChange[] => {
    const [, time, deleted, name, rest = ''] =
      /^\[([\d-]+T[\d:.]+)\] (Deleted )?\d+: ([^:@]+)[^:]*: (.*)$/.exec(line) ?? []
    if (!time || !name) return []
    const master = / master (\S+)/.exec(rest)?.[1]
    return [
      {
        kind: 'link',
        at: Date.parse(`${time.slice(0, 23)}Z`),
        by: { unit: 'kernel', node: file.node },
        name,
        ...(master ? { master } : {}),
        message: `${deleted ? 'gone' : 'there'}: ${rest.replace(/\\.*/, '').trim()}`,
        evidence: evidenceOf(file, index),
      },
    ]
  })
}

/** `[time] vxlan: + fa:16:3e:… dev vxlan-12 dst 10.0.0.31 …` of fdb.log, `[time] qrouter-…: + -A …` of router.log. */
function parseEntries(file: RecordedFile): LinkChange[] {
  return file.lines.flatMap((line, index): LinkChange[] => {
    const [, time = '', name, entry = ''] = /^\[([\d-]+T[\d:.]+)\] (\S+): (.*)$/.exec(line) ?? []
    if (!name) return []
    return [
      {
        kind: 'link',
        at: Date.parse(`${time.slice(0, 23)}Z`),
        by: { unit: 'kernel', node: file.node },
        name,
        message: entry,
        entry,
        evidence: evidenceOf(file, index),
      },
    ]
  })
}

/** A row mostly shows when it was created; a port's row shows its state, which came later. */
const timeColumn = (table: string) => (table === 'neutron.ports' ? 'updated_at' : 'created_at')

/** Times are in whole seconds. */
function parseRows(file: RecordedFile): Row[] {
  const [head = '', ...rows] = file.lines
  const names = head.split('\t')
  return rows.flatMap((line, index): Row[] => {
    const cells = line.split('\t')
    const columns = Object.fromEntries(names.map((name, column) => [name, cells[column] ?? 'NULL']))
    const created = columns[timeColumn(file.file.replace('mariadb:', ''))]
    if (!created || created === 'NULL') return []
    const shown = names.map((name) => `${name}=${columns[name]}`).join(' ')
    return [
      {
        kind: 'row',
        at: Date.parse(`${created.replace(' ', 'T')}Z`),
        table: file.file.replace('mariadb:', ''),
        columns,
        evidence: { ...evidenceOf(file, index + 1), line: index + 1, text: shown },
      },
    ]
  })
}

const parsers: readonly [RegExp, (file: RecordedFile) => Observation[]][] = [
  [/^mariadb:/, parseRows],
  [/^journal:/, parseJournal],
  [/\/links\.log$/, parseLinks],
  [/\/(fdb|router)\.log$/, parseEntries],
  [/^\/var\/log\/libvirt\/qemu\//, parseQemu],
  [/\/(wire|sockets)\.log$|\.json$/, () => []],
  [/\.log$/, parseOslo],
]

export function parseLog(file: RecordedFile): Observation[] {
  const parse = parsers.find(([pattern]) => pattern.test(file.file))?.[1]
  return parse ? parse(file) : []
}

/** The one screen of `./lab status`: what is not well in front, then the lab in a few lines. */

import { kindOf } from '../../nodes/kind-of.ts'
import { showAge, showCount, showGiB } from '../../terminal/amounts.ts'
import { cut } from '../../terminal/cut.ts'
import { table } from '../../terminal/table.ts'
import { visibleIn } from '../../terminal/visible.ts'
import { describeOnNodes } from '../../workbench/on-nodes.ts'
import type { CloudStatus } from './cloud.ts'
import type { NodeStatus } from './nodes.ts'
import type { Status } from './status.ts'
import { isInstanceWell, isVolumeWell, type Trouble } from './troubles.ts'

const mark = (good: boolean) => (good ? '✓' : '✗')

/** The rest stands in `--json`; the first ones are the causes. */
const shownTroubles = 5

function showTroubles(troubles: readonly Trouble[]): string[] {
  if (troubles.length === 0) return []
  const rest = troubles.length - shownTroubles
  return [
    'problems',
    ...troubles.slice(0, shownTroubles).flatMap(({ what, seen, next }) => [`  ✗ ${what}: ${seen}`, `    ${next}`]),
    ...(rest > 0 ? [`    and ${rest} more, probably with the same cause (./lab status --json)`] : []),
  ]
}

/** A container's load is that of the whole machine, and said once. */
function showNodes(nodes: readonly NodeStatus[], sharesHost: boolean): string[] {
  const rows = nodes.map((node) => [
    `${mark(!node.silent)} ${node.name}`,
    node.state,
    node.address,
    node.usedMiB === undefined ? '' : `memory ${(node.usedMiB / 1024).toFixed(1)} of ${showGiB(node.memoryMiB)}`,
    ...(sharesHost ? [] : [node.load === undefined ? '' : `load ${node.load.toFixed(1)}`]),
    node.upSeconds === undefined ? '' : `up ${showAge(node.upSeconds)}`,
  ])
  const load = sharesHost ? nodes.find((node) => node.load !== undefined)?.load : undefined
  return [load === undefined ? 'nodes' : `nodes (load of this machine: ${load.toFixed(1)})`, ...table(rows)]
}

/** Each service with its health and its age: since when the last of its units runs. As many side by side as fit. */
function showServices(nodes: readonly NodeStatus[], width: number): string[] {
  const units = nodes.flatMap(({ units: own = [] }) => own)
  const names = [...new Set(units.map(({ service }) => service))]
  if (names.length === 0) return []
  const cells = names.map((name) => {
    const own = units.filter(({ service }) => service === name)
    const bad = own.filter(({ state }) => state !== 'active')
    const youngest = Math.min(...own.map(({ sinceSeconds = Number.POSITIVE_INFINITY }) => sinceSeconds))
    const age = Number.isFinite(youngest) ? showAge(youngest) : ''
    return `${mark(bad.length === 0)} ${name} ${bad.length ? `${own.length - bad.length} of ${own.length} units` : age}`
  })
  const cellWidth = Math.max(...cells.map(({ length }) => length)) + 2
  const columns = Math.max(1, Math.floor((width - 2) / cellWidth))
  const rows = Array.from({ length: Math.ceil(cells.length / columns) }, (_, row) =>
    cells.slice(row * columns, (row + 1) * columns),
  )
  return [
    'services (with the time since each started)',
    ...rows.map((row) => `  ${row.map((cell) => cell.padEnd(cellWidth)).join('')}`.trimEnd()),
  ]
}

/** Nothing where nothing is changed. */
function showOnPurpose(nodes: readonly NodeStatus[]): string[] {
  const lines = describeOnNodes(nodes)
  return lines.length ? ['changed on purpose', ...lines.map((line) => `  ${line}`)] : []
}

/** All good: what there is, in as few lines as it takes. Else only what is not. */
function showObserved(
  title: string,
  list: CloudStatus['agents'],
  good: readonly string[],
  stale: readonly string[] = [],
): string[] {
  const bad = list
    .map(({ id, ok, what }) => ({
      ok,
      what: stale.includes(id) ? `${what} (stale: its unit has stopped)` : what,
      isStale: stale.includes(id),
    }))
    .filter(({ ok, isStale }) => !ok || isStale)
  if (bad.length > 0)
    return [title, `  ✗ ${bad.length} of ${list.length} failed: ${bad.map(({ what }) => what).join('; ')}`]
  return [title, ...good.map((line, index) => `${index === 0 ? '  ✓ ' : '    '}${line}`)]
}

/** `4 network agents, nova-scheduler, nova-compute`: by kind, wherever they run; in lines of at most `width`. */
function countAgents(list: CloudStatus['agents'], width: number): string[] {
  const counts = new Map<string, number>()
  for (const { what, data } of list) {
    const kind = String(data?.['kind'] ?? what)
    counts.set(kind, (counts.get(kind) ?? 0) + Number(data?.['count'] ?? 1))
  }
  const words = [...counts].map(([kind, count]) => (count > 1 ? `${count} ${kind}s` : kind))
  const lines: string[] = []
  for (const word of words) {
    const last = lines.at(-1)
    if (last !== undefined && last.length + word.length + 2 <= width) lines[lines.length - 1] = `${last}, ${word}`
    else lines.push(word)
  }
  return lines.map((line, index) => (index < lines.length - 1 ? `${line},` : line))
}

function showCloud(cloud: CloudStatus, now: number, width: number): string[] {
  const { silent, endpoints, agents, instances, volumes } = cloud
  if (silent) return ['cloud', `  ✗ ${silent.what}: ${silent.seen}`]
  const servers = instances.map((one) => [
    `${mark(isInstanceWell(one))} ${one.name}`,
    one.status,
    one.address,
    one.host ? `on ${one.host}` : '',
    `age ${showAge((now - Date.parse(one.created)) / 1000)}`,
  ])
  const disks = volumes.map((one) => [
    `${mark(isVolumeWell(one))} ${one.name || one.id}`,
    one.status,
    `${one.sizeGiB} GiB`,
  ])
  return [
    ...showObserved('endpoints', endpoints, [`all ${endpoints.length} answer`]),
    ...showObserved('agents and daemons', agents, countAgents(agents, width - 4), cloud.stale),
    ...(servers.length ? ['instances', ...table(servers)] : []),
    ...(disks.length ? ['volumes', ...table(disks)] : []),
  ]
}

function describeHealth({ healthy, troubles }: Status): string {
  if (troubles.length === 0) return 'healthy'
  const count = showCount(troubles.length, 'problem')
  return healthy ? `healthy, but ${count} with things that users created` : count
}

/** Lines are cut at `width`, except what is not well: that is told whole. */
export function showStatus(status: Status, width = Number.POSITIVE_INFINITY, now = Date.now()): string {
  const { lab, nodes, cloud, troubles } = visibleIn(status)
  const rest = [
    ...showNodes(nodes, kindOf(lab).sharesHost),
    ...showServices(nodes, Math.min(width, 100)),
    ...showOnPurpose(nodes),
    ...(cloud ? showCloud(cloud, now, Math.min(width, 100)) : []),
  ]
  const health = describeHealth(status)
  const head = `${lab.name} ${lab.id}: ${lab.hypervisor}, isolation ${lab.isolation}: ${health}`
  return [head, ...showTroubles(troubles), ...rest.map((line) => cut(line, width))].join('\n')
}

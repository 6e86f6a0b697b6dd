/** The one screen of `./lab status`. */

import type { Status } from './status.ts'
import type { CloudStatus } from './status-cloud.ts'
import type { NodeStatus } from './status-nodes.ts'

/** `3 d 4 h`, `12 min`, `40 s`: the two largest units at most. */
export function showAge(seconds: number): string {
  const units = [
    ['d', 86_400],
    ['h', 3600],
    ['min', 60],
    ['s', 1],
  ] as const
  const first = units.findIndex(([, size]) => seconds >= size)
  if (first < 0) return '0 s'
  const [name, size] = units[first]!
  const next = units[first + 1]
  const rest = next ? Math.floor((seconds % size) / next[1]) : 0
  return `${Math.floor(seconds / size)} ${name}${rest && name !== 'min' ? ` ${rest} ${next![0]}` : ''}`
}

/** Columns as wide as their widest cell. */
function table(rows: readonly (readonly string[])[]): string[] {
  const widths = (rows[0] ?? []).map((_, column) => Math.max(...rows.map((row) => row[column]?.length ?? 0)))
  return rows.map((row) => `  ${row.map((cell, column) => cell.padEnd(widths[column] ?? 0)).join('  ')}`.trimEnd())
}

const mark = (good: boolean) => (good ? '✓' : '✗')

function showNodes(nodes: readonly NodeStatus[]): string[] {
  const rows = nodes.map((node) => [
    mark(!node.silent),
    node.name,
    node.state,
    node.address,
    node.usedMiB === undefined
      ? ''
      : `${(node.usedMiB / 1024).toFixed(1)} of ${(node.memoryMiB / 1024).toFixed(1)} GiB`,
    node.load === undefined ? '' : `load ${node.load.toFixed(2)}`,
    node.upSeconds === undefined ? '' : `up ${showAge(node.upSeconds)}`,
    node.silent ?? node.roles.join(', '),
  ])
  return ['nodes', ...table(rows)]
}

function showServices(nodes: readonly NodeStatus[]): string[] {
  const rows = nodes.flatMap(({ name, units = [] }) => {
    const bad = units.filter(({ state }) => state !== 'active')
    const good = `${units.length - bad.length} of ${units.length} units active`
    return units.length
      ? [[mark(!bad.length), name, [good, ...bad.map(({ unit, state }) => `${unit} ${state}`)].join(', ')]]
      : []
  })
  return rows.length ? ['services', ...table(rows)] : []
}

function showCloud({ silent, endpoints, agents, instances, volumes }: CloudStatus, now: number): string[] {
  if (silent) return ['cloud', `  ✗ ${silent.seen}`, `    look at: ${silent.next}`]
  const observed = (title: string, list: CloudStatus['agents']) => [
    title,
    ...list.map(({ ok, what, seen }) => `  ${mark(ok)} ${what}: ${seen}`),
  ]
  const servers = instances.map(({ name, status, address, host, created }) => [
    mark(status === 'ACTIVE'),
    name,
    status,
    address,
    host ? `on ${host}` : '',
    `age ${showAge((now - Date.parse(created)) / 1000)}`,
  ])
  const disks = volumes.map(({ name, status, sizeGiB }) => [
    mark(!status.startsWith('error')),
    name,
    status,
    `${sizeGiB} GiB`,
  ])
  return [
    ...observed('endpoints', endpoints),
    ...observed('network agents', agents),
    ...(servers.length ? ['instances', ...table(servers)] : []),
    ...(disks.length ? ['volumes', ...table(disks)] : []),
  ]
}

export function showStatus({ lab, nodes, cloud }: Status, now = Date.now()): string {
  if (!lab) return 'no lab here: ./lab up'
  const head = `${lab.name}: lab ${lab.id}, ${lab.hypervisor}, isolation ${lab.isolation}`
  return [head, ...showNodes(nodes), ...showServices(nodes), ...(cloud ? showCloud(cloud, now) : [])].join('\n')
}

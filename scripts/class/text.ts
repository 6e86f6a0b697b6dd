/** What `./lab class` says. */

import { type ProjectUse, showUsed } from '../cloud/project-limits.ts'
import { table } from '../terminal/table.ts'
import { visibleIn } from '../terminal/visible.ts'
import type { ListedStudent } from './class.ts'

const columns = ['instances', 'ports', 'floatingIps', 'volumes', 'volumeGiB'] as const

const heads: Record<(typeof columns)[number], string> = {
  instances: 'instances',
  ports: 'ports',
  floatingIps: 'floating IPs',
  volumes: 'volumes',
  volumeGiB: 'GiB',
}

/** One line for each student, with what is in use; `✗`: not complete. */
export function showClass(students: readonly ListedStudent[]): string {
  if (students.length === 0) return 'There is no class. ./lab class create --students 20 makes one'
  const there = columns.filter((column) => students.some(({ use }) => (use as ProjectUse)[column]))
  const rows = visibleIn(students.map((one) => ({ ...one }))).map(({ login, name = '', complete, use }) => [
    `${complete ? '✓' : '✗'} ${login}`,
    name,
    ...there.map((column) => (use[column] ? showUsed(use[column]) : '-')),
  ])
  const missing = students.filter(({ complete }) => !complete).length
  return [
    ...table([['  student', 'name', ...there.map((column) => heads[column])], ...rows]),
    ...(missing > 0 ? [`${missing} not complete: ./lab class create with the same options continues`] : []),
  ].join('\n')
}
